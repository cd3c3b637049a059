/** The program. Reads settings and the command line, then does the one thing that was asked. */
import { HELP, parseCommand, UsageError } from "./cli/command-line.ts";
import { type Config, ConfigError, databaseOptions, readConfig, unknownSettings } from "./config.ts";
import type { Db } from "./db/database.ts";
import type { OpenOptions } from "./db/open-options.ts";
import { AppError, StartError } from "./errors.ts";
import { VERSION } from "./version.ts";

/** A whole installation is imported in one transaction. */
const IMPORT_LIMIT_MS = 24 * 60 * 60 * 1000;

async function withDatabase(
  config: Config,
  run: (db: Db) => Promise<number>,
  options: OpenOptions = {},
): Promise<number> {
  const { openDatabase } = await import("./db/open-database.ts");
  const db = await openDatabase(config.databaseUrl, { ...databaseOptions(config), ...options });
  try {
    return await run(db);
  } finally {
    await db.close();
  }
}

/** Returns the exit code, or undefined while the server runs. */
async function main(args: readonly string[]): Promise<number | undefined> {
  const command = parseCommand(args);
  if (command.name === "help") process.stdout.write(HELP);
  else if (command.name === "version") process.stdout.write(`burgee ${VERSION}\n`);
  else {
    const config = readConfig();
    switch (command.name) {
      case "serve": {
        const { runServe } = await import("./cli/serve-command.ts");
        const warnings = unknownSettings().map((name) => `${name} is not a setting of this release; it is ignored`);
        await runServe(config, { demo: command.demo, warnings });
        return undefined;
      }
      case "import": {
        const { runImport } = await import("./cli/import-command.ts");
        return withDatabase(config, (db) => runImport(db, command.file, command.serverKey));
      }
      case "import-identities": {
        const { runImportIdentities } = await import("./cli/import-identities-command.ts");
        return withDatabase(config, (db) => runImportIdentities(db, command));
      }
      case "export": {
        const { runExport } = await import("./cli/transfer-command.ts");
        return withDatabase(config, (db) => runExport(db, command.file));
      }
      case "import-installation": {
        const { runImportInstallation } = await import("./cli/transfer-command.ts");
        const open = { transactionLimitMs: IMPORT_LIMIT_MS };
        return withDatabase(config, (db) => runImportInstallation(db, command.file), open);
      }
      case "reset-password": {
        const { runResetPassword } = await import("./cli/reset-password-command.ts");
        return withDatabase(config, (db) => runResetPassword(db, config.publicUrl, command.email));
      }
      case "setup": {
        const { runSetup } = await import("./cli/setup-command.ts");
        return withDatabase(config, (db) => runSetup(db, command));
      }
      case "usage": {
        const { runUsage } = await import("./cli/usage-command.ts");
        return withDatabase(config, (db) => runUsage(db, command));
      }
    }
  }
  return 0;
}

try {
  const code = await main(process.argv.slice(2));
  if (code !== undefined) process.exit(code);
} catch (error) {
  if (error instanceof UsageError || error instanceof ConfigError || error instanceof StartError)
    process.stderr.write(`${error.message}\n`);
  else if (error instanceof AppError) process.stderr.write(`${error.message} ${JSON.stringify(error.details)}\n`);
  else process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(error instanceof UsageError ? 2 : 1);
}
