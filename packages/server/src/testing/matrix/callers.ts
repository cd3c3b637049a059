/** Every kind of caller: what it is given, and what the rules say it is answered. */
import { permissionCatalogue } from "@burgee/contract/admin";
import type { WhoMay } from "../../openapi/who-may/who-may.ts";
import { type AdminClient, callWith, createAdminClient, type Grant } from "../test-admin.ts";
import { createPerson } from "../test-person.ts";
import type { Call, CallerName } from "./case.ts";
import type { Place, World } from "./world.ts";

export type Ask = AdminClient["call"];

/** All permissions there are, by the place where they are granted. */
const PERMISSIONS = {
  organisation: permissionCatalogue.organisation.map(({ key }) => key),
  project: permissionCatalogue.project.map(({ key }) => key),
  environment: permissionCatalogue.environment.map(({ key }) => key),
} as const;

type Scope = keyof typeof PERMISSIONS;
const SCOPES: readonly Scope[] = ["organisation", "project", "environment"];

const isScope = (place: string): place is Scope => SCOPES.includes(place as Scope);

const but = (may: WhoMay, place: Place): Grant[] =>
  SCOPES.map((scope) => ({
    scope,
    id: place[scope],
    permissions: PERMISSIONS[scope].filter((key) => scope !== may.place || !may.anyOf.includes(key)),
  }));

const viewer = (place: Place): Grant[] => [
  { scope: "project", id: place.project, permissions: ["VIEW_PROJECT"] },
  { scope: "environment", id: place.environment, permissions: ["VIEW_ENVIRONMENT"] },
];

const administering = (scope: Scope, place: Place): Grant[] => [{ scope, id: place[scope], isAdmin: true }];

const GRANTS: Readonly<Partial<Record<CallerName, (world: World, place: Place, may: WhoMay) => Grant[] | undefined>>> =
  {
    "organisation admin": () => undefined,
    "project admin": (_world, place) => administering("project", place),
    "environment admin": (_world, place) => administering("environment", place),
    "everything else": (_world, place, may) => but(may, place),
    viewer: (_world, place) => viewer(place),
    member: () => [],
    neighbour: (world) => administering("environment", world.nextDoor),
    "other project's admin": (world) => administering("project", world.downTheRoad),
  };

export const callerNames = [
  ...(Object.keys(GRANTS) as CallerName[]),
  "organisation admin, a person",
  "other organisation's admin",
  "nobody",
  "bad credentials",
] as const satisfies readonly CallerName[];

/** A caller as new as the call it makes. */
export async function createCaller(world: World, name: CallerName, call: Call, may: WhoMay): Promise<Ask> {
  const { db, app } = world;
  const place = call.at ?? world.here;
  const grants = GRANTS[name];
  if (grants) return (await createAdminClient(db, app.request, place.organisation, grants(world, place, may))).call;
  if (name === "other organisation's admin") return world.stranger.call;
  if (name === "nobody") return (...input) => callWith(app.request, undefined, ...input);
  if (name === "bad credentials") return (...input) => callWith(app.request, `Api-Key ${world.admin.key}x`, ...input);
  const person = call.person ?? (await createPerson(app, { organisationId: place.organisation, role: "ADMIN" }));
  return person.call;
}

/** A caller that holds one permission where it is needed, and nothing else. */
export async function createHolder(world: World, permission: string, call: Call, may: WhoMay): Promise<Ask> {
  const place = call.at ?? world.here;
  if (!isScope(may.place)) throw new Error(`Nothing can be granted at ${may.place}.`);
  const grant = { scope: may.place, id: place[may.place], permissions: [permission] };
  const grants = [grant, ...(call.alongside ?? [])];
  return (await createAdminClient(world.db, world.app.request, place.organisation, grants)).call;
}

/** Permissions that are enough by themselves. */
export const singlePermissions = (may: WhoMay): readonly string[] =>
  isScope(may.place) ? may.anyOf.filter((key) => key !== "VIEW") : [];

const ADMINS: Readonly<Record<Scope, readonly CallerName[]>> = {
  organisation: [],
  project: ["project admin"],
  environment: ["project admin", "environment admin"],
};

/** Who sees the place without administering it. */
const SEERS: Readonly<Record<Scope, readonly CallerName[]>> = {
  organisation: [
    "project admin",
    "environment admin",
    "everything else",
    "viewer",
    "member",
    "neighbour",
    "other project's admin",
  ],
  project: ["everything else", "viewer"],
  environment: ["everything else", "viewer"],
};

function granted(name: CallerName, call: Call, { place, anyOf }: WhoMay): number {
  if (!isScope(place)) return call.status;
  if (name.startsWith("organisation admin") || ADMINS[place].includes(name)) return call.status;
  if (!SEERS[place].includes(name)) return call.unseen ?? 404;
  return anyOf.includes("VIEW") ? call.status : 403;
}

/** What the caller is answered. */
export function expectedStatus(name: CallerName, call: Call, may: WhoMay): number {
  const own = call.expect?.[name];
  if (own !== undefined) return own;
  if (name === "bad credentials") return 401;
  if (name === "nobody") return may.place === "anybody" ? call.status : 401;
  if (may.place === "person") return name === "organisation admin, a person" ? call.status : 403;
  return granted(name, call, may);
}
