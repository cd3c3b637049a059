/** One of two servers under POST identities, each round with numbers that nobody sent before. */
import { clientKey } from "./documents.ts";
import { applyLoad, type LoadResult } from "./load.ts";
import { settled, startScript } from "./processes.ts";

export const CONNECTIONS = 64;
/** More than one round can send, so that no number is ever sent twice: writing what is stored already costs nothing. */
const NUMBERS_A_ROUND = 1_000_000;

export interface SideRequest {
  readonly url: string;
  /** The file that `writeBodies` made. */
  readonly bodies: string;
  /** Of server.ts. */
  readonly flags: readonly string[];
  readonly seconds: number;
}

/**
 * Nothing is bound to a core: what is behind the server, a writer's thread or a database, shares them with server and generator, and
 * whoever alone is bound to one of two cores pushes the others off it (measured: a tenth to a sixth of the requests, on either side).
 */
export async function startSide({ url, bodies, flags, seconds }: SideRequest) {
  const server = await startScript("server.ts", [url, ...flags]);
  let rounds = 0;
  const round = async (): Promise<LoadResult> => {
    rounds += 1;
    const result = await applyLoad(server, {
      path: "/api/v1/identities/",
      headers: { "X-Environment-Key": clientKey("small") },
      seconds,
      connections: CONNECTIONS,
      isUnbound: true,
      bodies: { file: bodies, first: rounds * NUMBERS_A_ROUND },
    });
    await settled(server);
    return result;
  };
  return { round, stop: () => server.stop() };
}
