/** A server with a person signed in and a project to work in, so that a journey begins where it is about something. */
import { openStage, type Stage, type Visitor } from "./browser.ts";

export interface Place {
  readonly id: number;
  readonly key: string;
}

export interface World {
  readonly stage: Stage;
  /** Administers the organisation, and is signed in. */
  readonly ana: Visitor;
  readonly organisationId: number;
  readonly projectId: number;
  readonly development: Place;
  readonly production: Place;
  /** The API as Ana; throws what is not 2xx. */
  api<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** An address in Development: pageOf("segments"). */
  pageOf(path: string): string;
  /** What an application does. */
  identify(identifier: string, traits?: Readonly<Record<string, unknown>>, place?: Place): Promise<void>;
  close(): Promise<void>;
}

const PASSWORD = "a long enough phrase 7";
export const ANA = { email: "ana@acme.example", password: PASSWORD } as const;

async function send<T>(url: string, method: string, body: unknown, headers: Record<string, string> = {}): Promise<T> {
  const init: RequestInit = { method, headers: { ...headers, "Content-Type": "application/json" } };
  if (body !== undefined) init.body = JSON.stringify(body);
  const answer = await fetch(url, init);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${url} answered ${answer.status}: ${text}`);
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

export async function signIn({ page }: Visitor, { email, password }: { email: string; password: string }) {
  await page.goto("/login");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("button", { name: /^Account of/ }).waitFor();
}

export async function openWorld(env: Readonly<Record<string, string>> = {}): Promise<World> {
  const stage = await openStage(env);
  const { url } = stage.server;
  const setup = { ...ANA, first_name: "Ana", last_name: "Ruiz", organisation_name: "Acme" };
  const made = await send<{ key: string; organisation: { id: number } }>(
    `${url}/api/v1${stage.setupPath}/`,
    "POST",
    setup,
  );
  const api = <T>(method: string, path: string, body?: unknown) =>
    send<T>(`${url}${path}`, method, body, { Authorization: `Token ${made.key}` });
  const project = await api<{ id: number }>("POST", "/api/v1/projects/", {
    name: "Shop",
    organisation: made.organisation.id,
  });
  const makePlace = async (name: string): Promise<Place> => {
    const { id, api_key } = await api<{ id: number; api_key: string }>("POST", "/api/v1/environments/", {
      name,
      project: project.id,
    });
    return { id, key: api_key };
  };
  const development = await makePlace("Development");
  const production = await makePlace("Production");
  const ana = await stage.visitor();
  await signIn(ana, ANA);
  return {
    stage,
    ana,
    organisationId: made.organisation.id,
    projectId: project.id,
    development,
    production,
    api,
    pageOf: (path) => `/projects/${project.id}/environments/${development.key}/${path}`,
    identify: async (identifier, traits = {}, place = development) => {
      const list = Object.entries(traits).map(([trait_key, trait_value]) => ({ trait_key, trait_value }));
      const headers = { "X-Environment-Key": place.key };
      await send(`${url}/api/v1/identities/`, "POST", { identifier, traits: list }, headers);
    },
    close: () => stage.close(),
  };
}
