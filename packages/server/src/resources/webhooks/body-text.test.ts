import { expect, test } from "bun:test";
import { wholeFloat } from "@burgee/contract";
import { bodyText } from "./body-text.ts";

/** What Python 3.11 prints for the same: json.dumps(value, sort_keys=True). */
test("writes what Python writes", () => {
  expect(bodyText({ event_type: "FLAG_UPDATED", data: { b: [1, true, null], a: {}, list: [] } })).toBe(
    '{"data": {"a": {}, "b": [1, true, null], "list": []}, "event_type": "FLAG_UPDATED"}',
  );
  expect(bodyText('é\n\u007f\u2028😀"\\/')).toBe('"\\u00e9\\n\\u007f\\u2028\\ud83d\\ude00\\"\\\\/"');
  expect(bodyText([wholeFloat(50), 12.5, -0.25, 3])).toBe("[50.0, 12.5, -0.25, 3]");
  expect(bodyText({ ab: 1, a: 2, Z: 3, é: 4, "😀": 5, "\uffff": 6 })).toBe(
    '{"Z": 3, "a": 2, "ab": 1, "\\u00e9": 4, "\\uffff": 6, "\\ud83d\\ude00": 5}',
  );
  expect(bodyText({ left: undefined, kept: null })).toBe('{"kept": null}');
});
