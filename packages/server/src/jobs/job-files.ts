/** Files of jobs, kept in the database in pieces, so that any node can go on with them and hand them out. */
import type { Db } from "../db/database.ts";

export type FileKind = "input" | "output";

export interface FilePiece {
  readonly text: string;
  /** From 1. */
  readonly firstLine: number;
}

export interface JobFiles {
  /** Written again, a piece replaces itself. */
  write(jobId: number, kind: FileKind, piece: number, content: FilePiece): Promise<void>;
  read(jobId: number, kind: FileKind, piece: number): Promise<FilePiece | undefined>;
  /** Piece by piece, so that nobody holds a whole file. */
  stream(jobId: number, kind: FileKind): ReadableStream<Uint8Array>;
  /** From a piece on; in steps short enough for everybody else. */
  remove(jobId: number, kind: FileKind, from?: number): Promise<void>;
}

const WRITE = `INSERT INTO job_files (job_id, kind, piece, first_line, text) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (job_id, kind, piece) DO UPDATE SET first_line = excluded.first_line, text = excluded.text`;

const STEP = 20;

export function createJobFiles({ lane, kysely }: Db): JobFiles {
  const read = async (jobId: number, kind: FileKind, piece: number): Promise<FilePiece | undefined> => {
    const row = await kysely
      .selectFrom("job_files")
      .select(["text", "first_line"])
      .where("job_id", "=", jobId)
      .where("kind", "=", kind)
      .where("piece", "=", piece)
      .executeTakeFirst();
    return row && { text: row.text, firstLine: row.first_line };
  };

  return {
    read,
    write: async (jobId, kind, piece, { text, firstLine }) => {
      await lane.write(WRITE, [jobId, kind, piece, firstLine, text]);
    },
    stream: (jobId, kind) => {
      const encoder = new TextEncoder();
      let piece = 0;
      return new ReadableStream({
        pull: async (controller) => {
          const next = await read(jobId, kind, piece);
          piece += 1;
          if (next) controller.enqueue(encoder.encode(next.text));
          else controller.close();
        },
      });
    },
    remove: async (jobId, kind, from = 0) => {
      for (;;) {
        const pieces = await kysely
          .selectFrom("job_files")
          .select("piece")
          .where("job_id", "=", jobId)
          .where("kind", "=", kind)
          .where("piece", ">=", from)
          .orderBy("piece")
          .limit(STEP)
          .execute();
        const last = pieces.at(-1);
        if (!last) return;
        await kysely
          .deleteFrom("job_files")
          .where("job_id", "=", jobId)
          .where("kind", "=", kind)
          .where("piece", ">=", from)
          .where("piece", "<=", last.piece)
          .execute();
      }
    },
  };
}
