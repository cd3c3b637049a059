import { Button, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { IconAlertTriangle } from "@tabler/icons-react";
import { ApiError, messageOf } from "../api/errors.ts";
import classes from "./states.module.css";

export interface ErrorStateProps {
  readonly error: unknown;
  /** What could not be shown: "The features could not be loaded". */
  readonly title?: string | undefined;
  /** Offered where trying again could help. */
  readonly onRetry?: (() => void) | undefined;
  /** Nothing else is on the page: its title is the page's. */
  readonly isPage?: boolean;
}

const titleOf = (error: unknown): string => {
  const status = error instanceof ApiError ? error.status : undefined;
  if (status === 404) return "Not found";
  if (status === 403) return "Not allowed";
  return "This could not be loaded";
};

/** What is read here was refused; the server only says that it was. */
const reasonOf = (error: unknown): string =>
  error instanceof ApiError && error.status === 403
    ? "Your rights here do not cover this. An administrator of the project can give them to you."
    : messageOf(error);

/** Instead of what could not be loaded. */
export function ErrorState({ error, title = titleOf(error), onRetry, isPage = false }: ErrorStateProps) {
  const isFinal = error instanceof ApiError && (error.status === 404 || error.status === 403);
  return (
    <div className={classes["state"]} role="alert">
      <div className={classes["icon"]} aria-hidden>
        <IconAlertTriangle size={22} stroke={1.6} />
      </div>
      {isPage ? <PageTitle title={title} /> : <Title order={2}>{title}</Title>}
      <div className={classes["text"]}>{reasonOf(error)}</div>
      {onRetry && !isFinal && (
        <Button variant="default" mt="sm" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

function PageTitle({ title }: { readonly title: string }) {
  useDocumentTitle(`${title} · Burgee`);
  return (
    <Title order={1} size="h2">
      {title}
    </Title>
  );
}
