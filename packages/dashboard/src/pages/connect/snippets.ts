/** How an application asks for its flags, with the SDKs that exist for Flagsmith's API and OpenFeature's protocol. */

export interface Snippet {
  readonly id: string;
  readonly name: string;
  readonly install: string;
  readonly code: string;
}

const q = JSON.stringify;

/** `url` is this server's address, without a slash at the end. */
export function snippetsFor(key: string, url: string): readonly Snippet[] {
  const api = `${url}/api/v1/`;
  return [
    {
      id: "javascript",
      name: "JavaScript",
      install: "npm install @flagsmith/flagsmith",
      code: `import flagsmith from "@flagsmith/flagsmith";

await flagsmith.init({
  environmentID: ${q(key)},
  api: ${q(api)},
  identity: "ana@shop.io",
  traits: { plan: "pro" },
});
if (flagsmith.hasFeature("my_feature")) console.log(flagsmith.getValue("my_feature"));`,
    },
    {
      id: "node",
      name: "Node.js",
      install: "npm install flagsmith-nodejs",
      code: `import { Flagsmith } from "flagsmith-nodejs";

const flagsmith = new Flagsmith({ environmentKey: ${q(key)}, apiUrl: ${q(api)} });
const flags = await flagsmith.getIdentityFlags("ana@shop.io", { plan: "pro" });
console.log(flags.isFeatureEnabled("my_feature"));`,
    },
    {
      id: "python",
      name: "Python",
      install: "pip install flagsmith",
      code: `from flagsmith import Flagsmith

flagsmith = Flagsmith(environment_key=${q(key)}, api_url=${q(api)})
flags = flagsmith.get_identity_flags(identifier="ana@shop.io", traits={"plan": "pro"})
print(flags.is_feature_enabled("my_feature"))`,
    },
    {
      id: "openfeature",
      name: "OpenFeature",
      install: "npm install @openfeature/server-sdk @openfeature/ofrep-provider",
      code: `import { OpenFeature } from "@openfeature/server-sdk";
import { OFREPProvider } from "@openfeature/ofrep-provider";

const headers = [["X-Environment-Key", ${q(key)}]];
await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl: ${q(url)}, headers }));
const client = OpenFeature.getClient();
console.log(await client.getBooleanValue("my_feature", false, { targetingKey: "ana@shop.io", plan: "pro" }));`,
    },
    {
      id: "curl",
      name: "curl",
      install: "",
      code: `curl ${q(`${api}identities/`)} \\
  -H "X-Environment-Key: ${key}" -H "Content-Type: application/json" \\
  -d '{"identifier": "ana@shop.io", "traits": [{"trait_key": "plan", "trait_value": "pro"}]}'`,
    },
  ];
}
