/** What a schema of parts cannot see: ids and names used twice, and shares that add up to more than everyone. */
import type { DocumentRule, EnvironmentDocument, FeatureState } from "@burgee/engine";
import type { DocumentLimits } from "./limits.ts";
import type { DocumentProblem } from "./problems.ts";

type Report = (path: string, message: string) => void;

/** Shares are written in decimal and added in binary. */
const percentageTolerance = 1e-6;

/** Reports every inconsistency of a document of the right shape. */
export function checkConsistency(document: EnvironmentDocument, limits: DocumentLimits): DocumentProblem[] {
  const problems: DocumentProblem[] = [];
  const report: Report = (path, message) => {
    if (problems.length < limits.problems) problems.push({ path, message });
  };
  checkSegments(document, limits, report);
  checkStates(document, report);
  return problems;
}

/** Answers the place where a value was seen before, or notes this one. */
function createRegister<T>(): (value: T, path: string) => string | undefined {
  const places = new Map<T, string>();
  return (value, path) => {
    const before = places.get(value);
    if (before === undefined) places.set(value, path);
    return before;
  };
}

function checkSegments(document: EnvironmentDocument, limits: DocumentLimits, report: Report): void {
  const seen = createRegister<number>();
  for (const [index, segment] of document.project.segments.entries()) {
    const path = `project.segments[${index}]`;
    const before = seen(segment.id, path);
    if (before !== undefined) report(`${path}.id`, `${segment.id} is the id of ${before} too`);
    checkDepth(segment.rules, `${path}.rules`, limits.ruleDepth, report);
  }
}

function checkDepth(rules: readonly DocumentRule[], path: string, depthLeft: number, report: Report): void {
  if (rules.length === 0) return;
  if (depthLeft === 0) {
    report(path, "nests rules too deep");
    return;
  }
  for (const [index, rule] of rules.entries()) checkDepth(rule.rules, `${path}[${index}].rules`, depthLeft - 1, report);
}

function checkStates(document: EnvironmentDocument, report: Report): void {
  const check = createStateCheck(report);
  const names = createRegister<string>();
  check(document.feature_states, "feature_states");
  for (const [index, { feature }] of document.feature_states.entries()) {
    const path = `feature_states[${index}]`;
    // Two names that differ only by case are one: features are looked up in any case.
    const before = names(feature.name.toLowerCase(), path);
    if (before !== undefined) report(`${path}.feature.name`, `"${feature.name}" is the name of ${before} too`);
  }
  for (const [index, segment] of document.project.segments.entries()) {
    check(segment.feature_states, `project.segments[${index}].feature_states`);
  }
  const identifiers = createRegister<string>();
  const identities = createRegister<number>();
  for (const [index, override] of document.identity_overrides.entries()) {
    const path = `identity_overrides[${index}]`;
    const before = identifiers(override.identifier, path);
    if (before !== undefined) report(`${path}.identifier`, `is the identifier of ${before} too`);
    const id = override.django_id;
    const sameId = id === null ? undefined : identities(id, path);
    if (sameId !== undefined) report(`${path}.django_id`, `${id} is the id of ${sameId} too`);
    check(override.identity_features, `${path}.identity_features`);
  }
}

/** Checks one list of states after another: a feature once a list, ids and uuids once a document, one name a feature. */
function createStateCheck(report: Report): (states: readonly FeatureState[], path: string) => void {
  const ids = createRegister<number>();
  const uuids = createRegister<string>();
  const names = new Map<number, string>();
  const checkVariants = createVariantCheck(report);
  return (states, listPath) => {
    const features = createRegister<number>();
    for (const [index, state] of states.entries()) {
      const path = `${listPath}[${index}]`;
      const { feature, django_id, featurestate_uuid } = state;
      const sameFeature = features(feature.id, path);
      if (sameFeature !== undefined) report(`${path}.feature.id`, `${feature.id} is the feature of ${sameFeature} too`);
      const sameId = django_id === null ? undefined : ids(django_id, path);
      if (sameId !== undefined) report(`${path}.django_id`, `${django_id} is the id of ${sameId} too`);
      const sameUuid = uuids(featurestate_uuid.toLowerCase(), path);
      if (sameUuid !== undefined) report(`${path}.featurestate_uuid`, `is the uuid of ${sameUuid} too`);
      const name = names.get(feature.id);
      if (name === undefined) names.set(feature.id, feature.name);
      else if (name !== feature.name) report(`${path}.feature.name`, `feature ${feature.id} is "${name}" elsewhere`);
      checkVariants(state, path);
    }
  };
}

/** Checks one state after another: an option once a state, the same everywhere and with a key of its own, ids once a document, at most everyone's share. */
function createVariantCheck(report: Report): (state: FeatureState, statePath: string) => void {
  const ids = createRegister<number>();
  const known = new Map<number, { path: string; text: string }>();
  const keys = createRegister<string>();
  return (state, statePath) => {
    const path = `${statePath}.multivariate_feature_state_values`;
    const options = createRegister<number>();
    let sum = 0;
    for (const [
      index,
      { id, percentage_allocation, multivariate_feature_option: option },
    ] of state.multivariate_feature_state_values.entries()) {
      const place = `${path}[${index}]`;
      const optionPath = `${place}.multivariate_feature_option`;
      sum += percentage_allocation;
      const sameId = id === null ? undefined : ids(id, place);
      if (sameId !== undefined) report(`${place}.id`, `${id} is the id of ${sameId} too`);
      if (options(option.id, place) !== undefined) report(`${optionPath}.id`, "is used twice in this state");
      const text = JSON.stringify([state.feature.id, option.value, option.key]);
      const before = known.get(option.id);
      if (before === undefined) {
        known.set(option.id, { path: optionPath, text });
        const sameKey = option.key === null ? undefined : keys(`${state.feature.id} ${option.key}`, optionPath);
        if (sameKey !== undefined) report(`${optionPath}.key`, `"${option.key}" is the key of ${sameKey} too`);
      } else if (before.text !== text)
        report(optionPath, `${option.id} has another feature, value or key in ${before.path}`);
    }
    if (sum > 100 + percentageTolerance) report(path, `the shares add up to ${sum}, more than 100`);
  };
}
