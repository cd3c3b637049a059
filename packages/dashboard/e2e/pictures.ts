/** Takes README's pictures of the real thing: `npx bun packages/dashboard/e2e/pictures.ts`, from the root. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { openWorld, type World } from "./world.ts";

const FOLDER = join(import.meta.dir, "..", "..", "..", "docs", "images");
const COUNTRIES = ["DE", "FR", "ES", "NL"] as const;
const NAMES = ["ana", "ben", "chloe", "dee", "emil", "fatima", "goran", "hana", "ines", "jonas"] as const;

const rule = (operator: string, property: string, value: string) => [
  {
    type: "ALL",
    conditions: [],
    rules: [{ type: "ANY", conditions: [{ operator, property, value }], rules: [] }],
  },
];

async function seed({ api, projectId, development, identify }: World) {
  for (let i = 0; i < 120; i += 1) {
    const traits = {
      plan: i % 4 === 0 ? "pro" : "free",
      age: 18 + (i % 50),
      country: COUNTRIES[i % COUNTRIES.length],
      beta: i % 2 === 0,
    };
    await identify(`${NAMES[i % NAMES.length]}${i < NAMES.length ? "" : i}@shop.io`, traits);
  }
  const project = `/api/v1/projects/${projectId}`;
  const feature = (name: string, initial_value: string | null = null) =>
    api<{ id: number }>("POST", `${project}/features/`, { name, initial_value });
  const checkout = await feature("new_checkout");
  const colour = await feature("button_colour", "#1f6feb");
  const limit = await feature("upload_limit", "10");
  await feature("dark_mode");
  const pros = await api<{ id: number }>("POST", `${project}/segments/`, {
    name: "Pro customers",
    description: "Whoever pays for the big plan.",
    rules: rule("EQUAL", "plan", "pro"),
  });
  const patch = (id: number, body: object) =>
    api("PATCH", `/api/__future__/environments/${development.key}/features/${id}/`, body);
  const segment = { id: pros.id };
  await patch(checkout.id, { segment_overrides: [{ segment, enabled: true }] });
  await patch(limit.id, {
    environment_default: { enabled: true },
    segment_overrides: [{ segment, enabled: true, value: { type: "integer", value: "100" } }],
  });
  await patch(colour.id, { environment_default: { enabled: true } });
  return { pros, search: await feature("fast_search") };
}

const world = await openWorld();
try {
  const { pros, search } = await seed(world);
  const { page } = world.ana;
  await page.setViewportSize({ width: 1280, height: 760 });
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  mkdirSync(FOLDER, { recursive: true });
  const shoot = async (name: string) => {
    await page.waitForTimeout(800);
    await page.screenshot({ path: join(FOLDER, `${name}.png`) });
  };
  await world.ana.goto(world.pageOf(`identities/${encodeURIComponent("ana@shop.io")}`));
  await page.getByRole("button", { name: "Why upload_limit" }).click();
  await shoot("identity");
  await world.ana.goto(world.pageOf(`features/${search.id}/rollout`));
  await page.getByRole("button", { name: /^(Save: about|Turn on for)/ }).click();
  await page.getByRole("heading", { name: "On for 10 %" }).waitFor();
  await page.waitForTimeout(4_500);
  await shoot("rollout");
  await world.ana.goto(world.pageOf(`segments/${pros.id}`));
  await page
    .getByText(/of 120 \(/)
    .first()
    .waitFor();
  await shoot("segment");
} finally {
  await world.close();
}
