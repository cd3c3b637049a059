/** Bodies of POST identities, in a file that both load generators read. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { SEED } from "./fixture.ts";
import { type GeneratedIdentity, identityAt, shuffledIndexes } from "./identity-generator.ts";

/** As many as fit into a generator's memory; it goes through them again and again. */
const MAX_BODIES = 100_000;

export function identifyBody({ identifier, traits }: GeneratedIdentity): string {
  const sent = Object.entries(traits).map(([trait_key, trait_value]) => ({ trait_key, trait_value }));
  return JSON.stringify({ identifier, traits: sent });
}

/** The same identity with a number for an age that nobody had before: the generators replace "@@". */
function changedBody(identity: GeneratedIdentity): string {
  return identifyBody(identity).replace(/("trait_key":"age","trait_value":)\d+/, "$1@@");
}

export interface BodyRequest {
  /** Where the file goes. */
  readonly folder: string;
  /** How many identities there are. */
  readonly identities: number;
  /** Sends what is stored already, or something new each time. */
  readonly traits: "unchanged" | "changed";
}

export function writeBodies({ folder, identities, traits }: BodyRequest): string {
  const file = join(folder, `${traits}.txt`);
  const toBody = traits === "unchanged" ? identifyBody : changedBody;
  const indexes = shuffledIndexes(SEED, identities, MAX_BODIES);
  writeFileSync(file, `${indexes.map((index) => toBody(identityAt(SEED, index))).join("\n")}\n`);
  return file;
}
