/** What a person can type after `burgee`. Nothing is opened before the whole line is understood. */
import { parseArgs } from "node:util";

export type Command =
  | { readonly name: "serve"; readonly demo: boolean }
  | { readonly name: "import"; readonly file: string; readonly serverKey: string | undefined }
  | {
      readonly name: "import-identities";
      readonly file: string;
      readonly environment: string;
      readonly dryRun: boolean;
    }
  | { readonly name: "export"; readonly file: string }
  | { readonly name: "import-installation"; readonly file: string }
  | { readonly name: "reset-password"; readonly email: string }
  | { readonly name: "setup"; readonly email: string; readonly organisation: string }
  | {
      readonly name: "usage";
      readonly environment: string;
      readonly feature: string | undefined;
      readonly days: number;
    }
  | { readonly name: "version" }
  | { readonly name: "help" };

/** Its message is shown to a person as it is. */
export class UsageError extends Error {}

export const HELP = `burgee: feature flags that know who is asking

  burgee serve [--demo]                                   serve; --demo adds a small project that shows every concept
  burgee import environment-document FILE [--server-key KEY]
                                                          load a Flagsmith environment document
  burgee import identities FILE --environment KEY [--dry-run]
                                                          identities from CSV (.csv) or a line of JSON each
  burgee setup --email EMAIL --organisation NAME --password-stdin
                                                          the first administrator, without a browser; prints JSON with an
                                                          organisation key
  burgee reset-password --email EMAIL                     a link that sets a new password
  burgee export FILE                                      the whole installation into a file
  burgee import FILE                                      an exported installation into an empty database
  burgee usage ENVIRONMENT_KEY [--feature NAME] [--days N]
                                                          evaluations that SDKs reported, per feature and day
  burgee version
  burgee help

Settings are environment variables: BURGEE_PORT, BURGEE_HOST, BURGEE_DATABASE_URL and more; see README.md.
`;

function wholeDays(text: string | undefined): number {
  const days = text === undefined ? 30 : Number(text);
  if (Number.isInteger(days) && days >= 1 && days <= 3650) return days;
  throw new UsageError(`--days: "${text}" is not a whole number from 1 to 3650`);
}

function only<K extends string>(
  values: Readonly<Record<string, unknown>>,
  allowed: readonly K[],
  command: string,
): void {
  const extra = Object.keys(values).find((name) => !allowed.includes(name as K));
  if (extra) throw new UsageError(`burgee ${command} has no option --${extra}`);
}

export function parseCommand(args: readonly string[]): Command {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  const [name = values.help ? "help" : "serve", ...rest] = positionals;
  if (values.help || name === "help") return { name: "help" };
  if (name === "version" || values.version) return { name: "version" };
  if (name === "serve" && rest.length === 0) {
    only(values, ["demo"], "serve");
    return { name: "serve", demo: values.demo ?? false };
  }
  if (name === "import") {
    only(values, ["server-key", "environment", "dry-run"], "import");
    const [what, file, ...more] = rest;
    if (what === "identities" && (file || values.environment)) {
      only(values, ["environment", "dry-run"], "import identities");
      if (!file || !values.environment || more.length > 0) {
        throw new UsageError("usage: burgee import identities FILE --environment KEY [--dry-run]");
      }
      const dryRun = values["dry-run"] ?? false;
      return { name: "import-identities", file, environment: values.environment, dryRun };
    }
    only(values, ["server-key"], "import");
    if (what && what !== "environment-document" && rest.length === 1) {
      only(values, [], "import FILE");
      return { name: "import-installation", file: what };
    }
    if (what !== "environment-document" || !file || more.length > 0) {
      throw new UsageError("usage: burgee import environment-document FILE [--server-key KEY], or burgee import FILE");
    }
    return { name: "import", file, serverKey: values["server-key"] };
  }
  if (name === "export") {
    only(values, [], "export");
    const [file, ...more] = rest;
    if (!file || more.length > 0) throw new UsageError("usage: burgee export FILE");
    return { name: "export", file };
  }
  if (name === "reset-password") {
    only(values, ["email"], "reset-password");
    if (!values.email || rest.length > 0) throw new UsageError("usage: burgee reset-password --email EMAIL");
    return { name: "reset-password", email: values.email };
  }
  if (name === "setup") {
    only(values, ["email", "organisation", "password-stdin"], "setup");
    const { email, organisation } = values;
    if (!email || !organisation || !values["password-stdin"] || rest.length > 0) {
      throw new UsageError("usage: burgee setup --email EMAIL --organisation NAME --password-stdin");
    }
    return { name: "setup", email, organisation };
  }
  if (name === "usage") {
    only(values, ["feature", "days"], "usage");
    const [environment, ...more] = rest;
    if (!environment || more.length > 0)
      throw new UsageError("usage: burgee usage ENVIRONMENT_KEY [--feature NAME] [--days N]");
    return { name: "usage", environment, feature: values.feature, days: wholeDays(values.days) };
  }
  throw new UsageError(`burgee does not know "${[name, ...rest].join(" ")}"; try: burgee help`);
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      demo: { type: "boolean" },
      "server-key": { type: "string" },
      environment: { type: "string" },
      "dry-run": { type: "boolean" },
      feature: { type: "string" },
      days: { type: "string" },
      email: { type: "string" },
      organisation: { type: "string" },
      "password-stdin": { type: "boolean" },
      help: { type: "boolean", short: "h" },
      version: { type: "boolean", short: "v" },
    },
  });
}
