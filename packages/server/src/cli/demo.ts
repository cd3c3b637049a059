/** `burgee serve --demo`: puts the demo project there once, and says how to talk to it. */
import type { App } from "../app.ts";
import type { Db } from "../db/database.ts";
import { importDocument } from "../resources/imports/import-document.ts";
import { DEMO_CLIENT_KEY, DEMO_IDENTITIES, DEMO_SERVER_KEY, demoDocument } from "./demo-document.ts";

async function identifyPeople(app: App): Promise<void> {
  const data = DEMO_IDENTITIES.map(({ identifier, traits }) => ({
    identifier,
    traits: Object.entries(traits).map(([trait_key, trait_value]) => ({ trait_key, trait_value })),
  }));
  const answer = await app.request("/api/v1/bulk-identities/", {
    method: "POST",
    headers: { "X-Environment-Key": DEMO_CLIENT_KEY, "Content-Type": "application/json" },
    body: JSON.stringify({ data }),
  });
  if (!answer.ok) throw new Error(`the demo's identities could not be stored: ${await answer.text()}`);
}

/** Does nothing where the demo is there already: people may have changed it. */
export async function addDemo(db: Db, app: App): Promise<void> {
  const held = await db.kysely
    .selectFrom("environments")
    .select("id")
    .where("api_key", "=", DEMO_CLIENT_KEY)
    .executeTakeFirst();
  if (held) return;
  const text = JSON.stringify(demoDocument);
  await importDocument(app.changes, Date.now, { text, serverKey: DEMO_SERVER_KEY, actor: "cli" });
  await identifyPeople(app);
}

export const describeDemo = (address: string): string => `
Demo project "${demoDocument.project.name}", environment "${demoDocument.name}"
  client-side key  ${DEMO_CLIENT_KEY}
  server-side key  ${DEMO_SERVER_KEY}

  new_checkout   a plain flag: off, on for segment "beta testers", overridden for ben@example.com
  banner_text    a config value, another one for "beta testers"
  button_colour  a multivariate flag: blue 50 %, green 25 %, else grey
  new_search     a staged rollout: on for 25 % of everyone

Try it:
  curl -H 'X-Environment-Key: ${DEMO_CLIENT_KEY}' ${address}/api/v1/flags/
  curl -H 'X-Environment-Key: ${DEMO_CLIENT_KEY}' '${address}/api/v1/identities/?identifier=ana@example.com'
  curl -H 'X-Environment-Key: ${DEMO_CLIENT_KEY}' -H 'Content-Type: application/json' \\
       -d '{"identifier":"you","traits":[{"trait_key":"plan","trait_value":"pro"},{"trait_key":"beta","trait_value":true}]}' \\
       ${address}/api/v1/identities/

`;
