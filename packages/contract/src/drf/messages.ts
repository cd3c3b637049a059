/** Django REST framework's texts, word for word: some SDKs show them to people, and tools match on them. */

export const required = "This field is required.";
export const notNull = "This field may not be null.";
export const notBlank = "This field may not be blank.";
export const noData = "No data provided";
export const notString = "Not a valid string.";
export const notBoolean = "Must be a valid boolean.";
export const notInteger = "A valid integer is required.";
export const notNumber = "A valid number is required.";
export const nullCharacters = "Null characters are not allowed.";
export const stringTooLarge = "String value too large.";
export const emptyList = "This list may not be empty.";
export const emptyDictionary = "This dictionary may not be empty.";

export const tooManyCharacters = (limit: number): string => `Ensure this field has no more than ${limit} characters.`;
export const tooFewCharacters = (limit: number): string => `Ensure this field has at least ${limit} characters.`;
export const tooManyElements = (limit: number): string => `Ensure this field has no more than ${limit} elements.`;
export const tooFewElements = (limit: number): string => `Ensure this field has at least ${limit} elements.`;
export const tooGreat = (limit: number | bigint): string => `Ensure this value is less than or equal to ${limit}.`;
export const tooSmall = (limit: number | bigint): string => `Ensure this value is greater than or equal to ${limit}.`;
export const notChoice = (input: string): string => `"${input}" is not a valid choice.`;
export const notDictionary = (type: string): string => `Invalid data. Expected a dictionary, but got ${type}.`;
export const notDictionaryOfItems = (type: string): string => `Expected a dictionary of items but got type "${type}".`;
export const notList = (type: string): string => `Expected a list of items but got type "${type}".`;
export const surrogate = (code: number): string =>
  `Surrogate characters are not allowed: U+${code.toString(16).toUpperCase()}.`;
