/** What the figures were taken on. */
import { spawnSync } from "node:child_process";
import { arch, availableParallelism, cpus, loadavg, platform, totalmem } from "node:os";
import { documentsAreShared } from "./documents.ts";
import { generatorName } from "./load.ts";
import { isPinned } from "./processes.ts";

export function machineFacts(): string[] {
  const node = spawnSync("node", ["--version"], { encoding: "utf8" }).stdout?.trim();
  const load = loadavg().map((value) => value.toFixed(2));
  return [
    `machine: ${availableParallelism()} cores (${cpus()[0]?.model.trim() || "unknown model"}), ${Math.round(totalmem() / 2 ** 30)} GiB, ${platform()} ${arch()}`,
    `programs: bun ${Bun.version}${node ? `, node ${node.replace("v", "")}` : ""}, load by ${generatorName}`,
    `load average: ${load.join(", ")}; ${isPinned() ? "server and generator on a core each" : "processes not bound to cores"}`,
    documentsAreShared()
      ? "documents: the shared conformance documents"
      : "documents: made here, in the shape of the conformance documents",
  ];
}
