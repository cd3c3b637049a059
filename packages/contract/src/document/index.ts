/** The environment document, as a file to import. */
export { type DocumentLimits, defaultDocumentLimits, documentLengths } from "./limits.ts";
export type { DocumentProblem } from "./problems.ts";
export { type DocumentReading, parseEnvironmentDocument, readEnvironmentDocument } from "./read-document.ts";
export { conditionOperators, documentSchema, environmentDocumentSchema } from "./shape.ts";
