/** Instead of an empty list: what the page is for, and searches to try. */
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { EmptyState } from "../../components/empty-state.tsx";
import classes from "./identities.module.css";

export interface NoIdentitiesProps {
  readonly q: string;
  readonly place: { readonly projectId: number; readonly environmentKey: string };
  readonly examples: readonly string[];
  readonly onTry: (q: string) => void;
}

export interface ExamplesProps {
  readonly examples: readonly string[];
  readonly onTry: (q: string) => void;
}

export function Examples({ examples, onTry }: ExamplesProps) {
  return (
    <span className={classes["examples"]}>
      {examples.map((example) => (
        <button key={example} type="button" className={classes["example"]} onClick={() => onTry(example)}>
          {example}
        </button>
      ))}
    </span>
  );
}

export function NoIdentities({ q, place, examples, onTry }: NoIdentitiesProps) {
  if (q.trim() !== "") {
    return (
      <EmptyState
        title="Nobody"
        action={
          <Button variant="default" onClick={() => onTry("")}>
            Show everybody
          </Button>
        }
      >
        No identity fits this search. Others to try: <br />
        <br />
        <Examples examples={examples} onTry={onTry} />
      </EmptyState>
    );
  }
  const { projectId, environmentKey } = place;
  return (
    <EmptyState
      title="No user seen yet"
      action={
        <Button
          renderRoot={(props) => (
            <Link
              {...props}
              to="/projects/$projectId/environments/$environmentKey/connect"
              params={{ projectId, environmentKey }}
            />
          )}
        >
          Connect your app
        </Button>
      }
    >
      A user appears here when your application first asks for their flags. You can also import a file, or create one by
      hand.
    </EmptyState>
  );
}
