/** Which SDK a request comes from, as usage labels name it: "flagsmith-js-sdk/9.1.0", or "" for any other client. */

const KNOWN =
  /^(flagsmith-(?:dotnet|elixir|flutter|go|java|js|kotlin-android|nodejs|php|python|ruby|rust|swift-ios)-sdk)(?:\/(\S*))?/;
const VERSION = /^[0-9A-Za-z.+-]{1,32}$/;
/** Labels become rows and metrics, so clients must not be able to invent them without end. */
const MAX_LABELS = 500;

const labels = new Map<string, string>();

function read(agent: string): string {
  const match = KNOWN.exec(agent);
  if (!match) return "";
  const version = match[2] && VERSION.test(match[2]) ? match[2] : "unknown";
  return `${match[1]}/${version}`;
}

export function sdkLabel(request: Request): string {
  const agent = request.headers.get("flagsmith-sdk-user-agent") ?? request.headers.get("user-agent");
  if (!agent?.startsWith("flagsmith-")) return "";
  const known = labels.get(agent);
  if (known !== undefined) return known;
  if (labels.size >= MAX_LABELS) return read(`${agent.split("/", 1)[0]}/unknown`);
  const label = read(agent);
  labels.set(agent, label);
  return label;
}
