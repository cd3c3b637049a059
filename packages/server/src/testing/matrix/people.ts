/** Members, groups, roles and keys of an organisation, for the cases that need them. */
import { createPerson } from "../test-person.ts";
import type { Body, World } from "./world.ts";

const at = (organisation: number): string => `/api/v1/organisations/${organisation}`;

export const memberOf = async (world: World, organisationId: number): Promise<number> =>
  (await createPerson(world.app, { email: `${world.fresh("member")}@example.com`, organisationId })).id;

/** Of our organisation, through the API; of the other one, by its administrator. */
async function make(world: World, organisation: number, path: string, body: object): Promise<Body> {
  if (organisation === world.here.organisation) return world.send("POST", `${at(organisation)}/${path}`, body);
  return (await world.stranger.call("POST", `${at(organisation)}/${path}`, body)).body as Body;
}

export const groupOf = (world: World, organisation: number): Promise<Body> =>
  make(world, organisation, "groups/", { name: world.fresh("group") });

export const roleOf = (world: World, organisation: number): Promise<Body> =>
  make(world, organisation, "roles/", { name: world.fresh("role"), description: "What for" });

export const keyOf = async (world: World, organisation: number): Promise<string> =>
  String((await make(world, organisation, "master-api-keys/", { name: "A key", is_admin: false }))["prefix"]);
