/** Dates as HTTP headers spell them, in the three forms a recipient must understand; anything else is no date. */

const FORMS = [
  /^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  /^\w{6,9}, \d{2}-\w{3}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
  /^\w{3} \w{3} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/,
];

/** Whole seconds since 1970. NaN where the text is absent or no HTTP date, so that every comparison with it is false. */
export function httpDateSeconds(text: string | null): number {
  if (text === null || !FORMS.some((form) => form.test(text))) return Number.NaN;
  return Math.floor(Date.parse(text.endsWith("GMT") ? text : `${text} GMT`) / 1000);
}
