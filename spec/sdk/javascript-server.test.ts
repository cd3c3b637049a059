/** The JavaScript SDK as servers render pages with it: no window, no storage, the state handed over to the page. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createFlagsmithInstance as create12 } from "@flagsmith/flagsmith/isomorphic";
import { createFlagsmithInstance as create10 } from "flagsmith/isomorphic";
import { clientKey } from "../builders.ts";
import type { ServedApp } from "../serve-app.ts";
import type { JavascriptSdk } from "./javascript-suite.ts";
import { serveSample, storedTraits } from "./sample.ts";

let served: ServedApp;
beforeAll(async () => {
  served = await serveSample();
});
afterAll(() => served.close());

const releases = { "flagsmith 10": create10, "@flagsmith/flagsmith 12": create12 };
describe.each(Object.entries(releases))("%s", (_, createInstance) => {
  const create = () => createInstance() as unknown as JavascriptSdk;

  test("renders for somebody, and hands the state over", async () => {
    const server = create();
    await server.init({ environmentID: clientKey(), api: served.api, identity: "rendered", traits: { plan: "pro" } });
    expect([server.hasFeature("pro_only"), server.getValue("limit")]).toEqual([true, 42]);
    expect(await storedTraits(served, "rendered")).toEqual({ plan: "pro" });
    const page = create();
    page.setState(JSON.parse(JSON.stringify(server.getState())));
    expect([page.hasFeature("pro_only"), page.getValue("limit"), page.getTrait("plan")]).toEqual([true, 42, "pro"]);
  });
});
