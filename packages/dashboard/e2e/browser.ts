/**
 * Journeys in a real Chromium against the real server with the built dashboard. Without Chromium they are skipped, and say so.
 * What the policy forbids, what a page throws and what the server answers with 500 fails the journey that met it.
 */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { startTestServer, type TestServer } from "@burgee/server/testing";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { ensureDashboard } from "../../../tools/dashboard.mjs";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executablePath = process.env["BURGEE_CHROMIUM"] ?? PLACES.find(existsSync);

export const hasChromium = executablePath !== undefined;
if (!hasChromium)
  process.stderr.write(`skipped: the dashboard's journeys, because none of ${PLACES.join(", ")} is there.\n`);

/** Where pictures are kept; none are taken without it, since they cost a third of the time. */
const SHOTS = process.env["BURGEE_SCREENSHOTS"];
const WIDE = { width: 1280, height: 860 };
const NARROW = { width: 400, height: 860 };

export interface Stage {
  readonly server: TestServer;
  /** The path of the set-up link that the server printed. */
  readonly setupPath: string;
  /** A browser of somebody else: its own cookies. */
  visitor(): Promise<Visitor>;
  close(): Promise<void>;
}

export interface Visitor {
  readonly page: Page;
  readonly context: BrowserContext;
  goto(path: string): Promise<void>;
  /** Sees to it that axe finds nothing, light and dark, at both widths, and keeps a picture of each as `name` where `BURGEE_SCREENSHOTS` says a folder. */
  inspect(name: string): Promise<void>;
  /** What went wrong on its pages; a journey ends with expect(faults).toEqual([]). */
  readonly faults: readonly string[];
  /** A fault that this journey provokes on purpose is not one. */
  expectFault(pattern: RegExp): void;
}

export async function openStage(env: Readonly<Record<string, string>> = {}): Promise<Stage> {
  if (!(await ensureDashboard(process.execPath))) throw new Error("the dashboard could not be built");
  const server = await startTestServer({ env });
  const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"];
  const browser = await chromium.launch({ executablePath: executablePath ?? "", headless: true, args });
  return {
    server,
    setupPath: await setupPathOf(server),
    visitor: () => newVisitor(browser, server.url),
    close: async () => {
      await browser.close();
      await server.stop();
    },
  };
}

async function setupPathOf(server: TestServer): Promise<string> {
  for (let tries = 0; tries < 200; tries += 1) {
    const path = /\/setup\/\S+/.exec(server.output())?.[0];
    if (path) return path;
    await Bun.sleep(50);
  }
  throw new Error(`the server printed no set-up link:\n${server.output()}`);
}

async function newVisitor(browser: Browser, url: string): Promise<Visitor> {
  const context = await browser.newContext({ baseURL: url, viewport: WIDE, reducedMotion: "reduce", locale: "en-GB" });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const all: string[] = [];
  const expected: RegExp[] = [];
  const faults = { get: () => all.filter((fault) => !expected.some((pattern) => pattern.test(fault))) };
  page.on("pageerror", (error) => all.push(`thrown: ${error.message}`));
  page.on("console", (message) => {
    // The browser itself logs each answer of 400 and more; those are judged below.
    const isNetwork = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !isNetwork) all.push(`console: ${message.text()}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 500) all.push(`${response.status()} ${new URL(response.url()).pathname}`);
  });
  return {
    page,
    context,
    goto: async (path) => {
      await page.goto(path);
      await page.getByRole("heading", { level: 1 }).first().waitFor();
    },
    inspect: (name) => inspect(page, name),
    get faults() {
      return faults.get();
    },
    expectFault: (pattern) => {
      expected.push(pattern);
    },
  };
}

async function findings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary?.split("\n").slice(1).join(" ")}`,
    ),
  );
}

const schemeOf = (page: Page): Promise<string | null> =>
  page.evaluate(() => document.documentElement.getAttribute("data-mantine-color-scheme"));

async function setScheme(page: Page, scheme: "light" | "dark"): Promise<void> {
  // As the system says, which is what a page follows until somebody chooses.
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
  for (let tries = 0; (await schemeOf(page)) !== scheme; tries += 1) {
    if (tries > 50) throw new Error(`the page did not turn ${scheme}`);
    await Bun.sleep(20);
  }
  // Until it is painted, a picture would show half of each.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await Bun.sleep(150);
  // On a busy machine even the shortest transition of a colour lasts: none may be under way when colours are measured.
  const isMoving = () => document.getAnimations().some((animation) => animation instanceof CSSTransition);
  for (let tries = 0; tries < 40 && (await page.evaluate(isMoving)); tries += 1) await Bun.sleep(50);
}

async function inspect(page: Page, name: string): Promise<void> {
  if (SHOTS) mkdirSync(SHOTS, { recursive: true });
  const found: string[] = [];
  for (const [width, size] of [
    ["1280", WIDE],
    ["400", NARROW],
  ] as const) {
    await page.setViewportSize(size);
    for (const scheme of ["light", "dark"] as const) {
      await setScheme(page, scheme);
      if (SHOTS) await page.screenshot({ path: join(SHOTS, `${name}-${width}-${scheme}.png`) });
      found.push(...(await findings(page)).map((finding) => `${name} at ${width}, ${scheme}: ${finding}`));
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wider > 0) found.push(`${name} at ${width}: ${wider} pixels wider than the screen`);
    }
  }
  await setScheme(page, "light");
  await page.setViewportSize(WIDE);
  if (found.length > 0) throw new Error(found.join("\n"));
}
