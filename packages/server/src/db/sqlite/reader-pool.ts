/** Reader threads for the query builder. A second one starts only while the first is busy, so a long scan delays nobody. */
import { AppError } from "../../errors.ts";
import type { WorkerRequest } from "./protocol.ts";
import type { WorkerLink } from "./worker-link.ts";

const maxReaders = 2;

export function createReaderPool(createReader: () => WorkerLink) {
  const readers: WorkerLink[] = [];
  let isClosed = false;

  function pick(): WorkerLink {
    const [idlest] = readers.toSorted((a, b) => a.load() - b.load());
    if (idlest && (idlest.load() === 0 || readers.length === maxReaders)) return idlest;
    const reader = createReader();
    readers.push(reader);
    return reader;
  }

  return {
    request: async <Answer>(request: WorkerRequest, limitMs: number): Promise<Answer> => {
      if (isClosed) throw new AppError("database_unavailable", { reason: "closed" });
      return pick().request<Answer>(request, limitMs);
    },
    close: async (): Promise<void> => {
      isClosed = true;
      await Promise.all(readers.map((reader) => reader.close()));
    },
  };
}
