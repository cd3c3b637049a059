/** Structured logs on standard output. No transport threads: they do not survive compilation into one executable. */
import { type Logger, pino } from "pino";
import type { LogLevel } from "./config.ts";

/** Written at once: an asynchronous destination loses the last lines at exit, which are those that tell why. */
export function createLogger(level: LogLevel): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 1, sync: true }),
  );
}
