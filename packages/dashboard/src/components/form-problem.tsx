import { Alert } from "@mantine/core";
import { formError } from "../api/errors.ts";

export interface FormProblemProps {
  readonly error: unknown;
  /** The fields of this form, which show their own complaints. */
  readonly fields: readonly string[];
}

/** Above a form: what its fields do not say themselves. */
export function FormProblem({ error, fields }: FormProblemProps) {
  const text = formError(error, fields);
  if (text === undefined) return null;
  return (
    <Alert color="red" variant="outline" role="alert">
      {text}
    </Alert>
  );
}
