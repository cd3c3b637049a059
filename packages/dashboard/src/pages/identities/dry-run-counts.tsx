/** What a dry run found. */
import { Text } from "@mantine/core";
import classes from "./identities.module.css";
import type { DryRun } from "./search-queries.ts";
import { sayNumber } from "./totals.ts";

const LINES = [
  ["would_create", { set_override: "New overrides", import_identities: "New identities" }, "Made"],
  ["would_change", { set_override: "Overrides changed", set_traits: "Identities changed" }, "Changed"],
  ["would_delete", { remove_override: "Overrides removed", delete_identities: "Identities deleted" }, "Deleted"],
] as const;

export function Counts({ plan }: { plan: DryRun }) {
  const rows = LINES.flatMap(([field, names, other]) => {
    const count = plan[field];
    const name = (names as Readonly<Record<string, string>>)[plan.type];
    return count > 0 || name !== undefined ? [[name ?? other, count] as const] : [];
  });
  return (
    <dl className={classes["counts"]}>
      <dt>{plan.type === "import_identities" ? "Rows that can be read" : "Found"}</dt>
      <dd>{sayNumber(plan.matched)}</dd>
      {rows.map(([name, count]) => (
        <Row key={name} name={name} count={count} />
      ))}
      <Row name="Already so" count={plan.unchanged} />
    </dl>
  );
}

function Row({ name, count }: { name: string; count: number }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{sayNumber(count)}</dd>
    </>
  );
}

/** The server keeps the first hundred. */
const MOST = 100;

export function Problems({ problems }: Pick<DryRun, "problems">) {
  if (problems.length === 0) return null;
  const hasLines = problems.some(({ line }) => line !== undefined);
  return (
    <div>
      <Text fw={600} mb={4}>
        {problems.length >= MOST
          ? `The first ${MOST} problems`
          : problems.length === 1
            ? "1 problem"
            : `${problems.length} problems`}
      </Text>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it */}
      <section className={classes["problems"]} tabIndex={0} aria-label="Problems">
        <table>
          <thead>
            <tr>
              {hasLines && <th scope="col">Line</th>}
              <th scope="col">Identifier</th>
              <th scope="col">What is wrong</th>
            </tr>
          </thead>
          <tbody>
            {problems.map(({ line, identifier, message }) => (
              <tr key={`${line} ${identifier} ${message}`}>
                {hasLines && <td>{line ?? ""}</td>}
                <td>{identifier ?? ""}</td>
                <td>{message}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}
