/** A document that cannot be taken: every problem with its place, and nothing was written. */

export interface ImportProblem {
  /** Where in the file, such as `project.segments[3].id`; "" = the file as a whole. */
  readonly path: string;
  readonly message: string;
}

/** Its message is for people, one problem a line. */
export class ImportError extends Error {
  readonly problems: readonly ImportProblem[];

  constructor(problems: readonly ImportProblem[]) {
    super(problems.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join("\n"));
    this.problems = problems;
  }
}

export function refuse(path: string, message: string): never {
  throw new ImportError([{ path, message }]);
}
