/** Two organisations with projects, environments and something in each, made through the admin API. */
import type { Db } from "../../db/database.ts";
import { type AdminClient, createAdminClient, createOrganisation } from "../test-admin.ts";
import { createTestApp, type TestApp } from "../test-app.ts";

/** Where an attempt takes place: its permissions are granted here. */
export interface Place {
  readonly organisation: number;
  readonly project: number;
  readonly environment: number;
  /** The environment's client-side key. */
  readonly key: string;
}

export interface World {
  readonly app: TestApp;
  readonly db: Db;
  /** Of the organisation that everything happens in. */
  readonly admin: AdminClient;
  /** Of the other one. */
  readonly stranger: AdminClient;
  readonly here: Place;
  /** Another environment of the same project. */
  readonly nextDoor: Place;
  /** Another project of the same organisation. */
  readonly downTheRoad: Place;
  /** In the other organisation. */
  readonly abroad: Place;
  /** Milliseconds since 1970. */
  now(): number;
  /** Lets time pass, so that nobody is asking too often. */
  wait(): void;
  /** A name or identifier that was not used before. */
  fresh(word: string): string;
  /** Asks as the administrator, and throws what is refused. */
  send<T = Body>(method: string, path: string, body?: unknown): Promise<T>;
}

export interface Body {
  readonly id: number;
  readonly uuid: string;
  readonly [key: string]: unknown;
}

async function ask(client: AdminClient, method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await client.call(method, path, body);
  if (answer.status < 300) return answer.body;
  throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
}

async function makeProject(client: AdminClient, name: string): Promise<number> {
  const body = { name, organisation: client.organisationId };
  return ((await ask(client, "POST", "/api/v1/projects/", body)) as Body).id;
}

async function makePlace(client: AdminClient, project: number, name: string): Promise<Place> {
  const made = (await ask(client, "POST", "/api/v1/environments/", { name, project })) as Body;
  return { organisation: client.organisationId, project, environment: made.id, key: String(made["api_key"]) };
}

const WAIT_MS = 90_000;

export async function createWorld(): Promise<World> {
  let waited = 0;
  const now = () => Date.now() + waited;
  const app = await createTestApp({ now, privateWebhooks: true });
  const { db, request } = app;
  const admin = await createAdminClient(db, request, await createOrganisation(db, "Here"));
  const stranger = await createAdminClient(db, request, await createOrganisation(db, "Abroad"));
  const project = await makeProject(admin, "This project");
  let made = 0;
  return {
    app,
    db,
    admin,
    stranger,
    here: await makePlace(admin, project, "This environment"),
    nextDoor: await makePlace(admin, project, "Next door"),
    downTheRoad: await makePlace(admin, await makeProject(admin, "Another project"), "Down the road"),
    abroad: await makePlace(stranger, await makeProject(stranger, "A project abroad"), "Abroad"),
    now,
    wait: () => {
      waited += WAIT_MS;
    },
    fresh: (word) => `${word}-${++made}`,
    send: async <T>(method: string, path: string, body?: unknown) => (await ask(admin, method, path, body)) as T,
  };
}
