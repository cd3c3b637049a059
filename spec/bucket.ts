/** The published hash, written from its description and not from the engine: who lands where is checked against this. */
import { createHash } from "node:crypto";

/** 0 up to, and never reaching, 100. */
export function bucket(...ids: readonly (string | number)[]): number {
  for (let round = ids; ; round = [...round, ...ids]) {
    const digest = createHash("md5").update(round.join(","), "utf8").digest("hex");
    const percentage = (Number(BigInt(`0x${digest}`) % 9999n) / 9998) * 100;
    if (percentage !== 100) return percentage;
  }
}
