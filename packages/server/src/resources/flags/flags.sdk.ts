/** GET flags: what the environment serves to anybody, without segments, variants or identities. */
import type { LoadedEnvironment } from "../../documents/loaded.ts";
import { documentInit, json, jsonHeaders } from "../../http/headers.ts";
import { queryValue } from "../../http/query.ts";
import type { SdkCall, SdkRoute } from "../../http/sdk-door.ts";

type Call = SdkCall<LoadedEnvironment>;

const notFound = () => json(404, { detail: "Given feature not found" });

function listFlags(call: Call): Response {
  const { environment, origin, request } = call;
  const book = environment.flags[origin];
  const query = request.url.indexOf("?");
  const name = query < 0 ? null : queryValue(new URLSearchParams(request.url.slice(query + 1)), "feature");
  if (name === null) return new Response(book.list(), documentInit(environment));
  const flag = book.find(name);
  return flag === undefined ? notFound() : new Response(flag, { status: 200, headers: jsonHeaders() });
}

function multivariateOptions({ environment, origin, params }: Call): Response {
  const id = /^\d{1,10}$/.test(params["feature"] ?? "") ? Number(params["feature"]) : -1;
  const info = environment.features.get(id);
  const state = environment.compiled.document.feature_states.find((candidate) => candidate.feature.id === id);
  if (!info || !state || (info.isServerKeyOnly && origin === "client")) return json(404, { detail: "Not found." });
  const options = state.multivariate_feature_state_values.map((value) => ({
    value: value.multivariate_feature_option.value,
  }));
  return json(200, { control_value: state.feature_state_value, options });
}

export const flagsRoute: SdkRoute<LoadedEnvironment> = { methods: { GET: listFlags }, resource: "flags" };
export const multivariateOptionsRoute: SdkRoute<LoadedEnvironment> = { methods: { GET: multivariateOptions } };
