import type { Reader } from "../reader.ts";
import { openReaderConnection } from "./connection.ts";
import { toAppError, toFailure } from "./failures.ts";

export function openSqliteReader(path: string): Reader {
  const connection = openReaderConnection(path);
  return {
    all: async (sql, parameters) => {
      try {
        return connection.all(sql, parameters);
      } catch (error) {
        throw toAppError(toFailure(error));
      }
    },
    close: async () => connection.close(),
  };
}
