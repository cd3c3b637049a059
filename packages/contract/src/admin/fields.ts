/** Fields that several nouns of the admin side share. */
import { z } from "zod";
import * as drf from "../drf/index.ts";

/** A row's number in a path or a body. */
export const rowId = (): drf.Field<number> => drf.integer({ min: 1 });

export const idParams = drf.object({ id: rowId() });
export const uuidParams = drf.object({ uuid: drf.string() });

/** Text that may be empty or null. */
export const blankText = (maxLength?: number) =>
  drf.string({ allowBlank: true, ...(maxLength === undefined ? {} : { maxLength }) }).nullable();

const wrongDate =
  "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].";
const isoDate = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(?:\.\d{1,3})?)?\d{0,6}(?:Z|([+-]\d\d):?(\d\d))?$/i;

/** DateTimeField: ISO-8601, UTC where no zone is given. Yields milliseconds since 1970; finer parts are cut off. */
export function dateTime(): drf.Field<number> {
  // A number to us, a text to the documentation.
  return drf.field(z.number().meta({ type: "string", format: "date-time" }), (value) => {
    const parts = typeof value === "string" ? isoDate.exec(value.trim()) : null;
    const [, date, time, seconds = ":00", hours = "+00", minutes = "00"] = parts ?? [];
    const millis = Date.parse(`${date}T${time}${seconds}${hours}:${minutes}`);
    return Number.isNaN(millis) ? drf.refuse(wrongDate) : drf.accept(millis);
  });
}

const slugFault = "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.";

/** Letters, digits, underscores and hyphens, as Django's slugs. */
export function slug(maxLength: number): drf.Field<string> {
  const text = drf.string({ maxLength });
  return drf.field(z.string().meta({ maxLength }), (value) => {
    const parsed = drf.parse(text, value);
    if (!parsed.ok) return drf.refuse(...(parsed.body as string[]));
    return /^[-a-zA-Z0-9_]+$/.test(parsed.value) ? drf.accept(parsed.value) : drf.refuse(slugFault);
  });
}

/** A feature by its id or its name. */
export const featureRef = drf.field(z.union([z.int(), z.string()]), (value) => {
  if (typeof value === "number" && Number.isSafeInteger(value)) return drf.accept<number | string>(value);
  const parsed = drf.parse(drf.string({ maxLength: 2000 }), value);
  return parsed.ok ? drf.accept<number | string>(parsed.value) : drf.refuse("Name a feature by its id or its name.");
});

/** Custom fields are not kept; what clients send of them is dropped, and they read none. */
export const noMetadata = z.array(z.never()).describe("Always empty.");

/** As Django REST words a reference to nothing. */
export const noSuchRow = (id: number | string): string => `Invalid pk "${id}" - object does not exist.`;
