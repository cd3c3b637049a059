import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { wholeFloat } from "../json/whole-float.ts";
import { type EventsReading, eventLimits, readEvents } from "./events.ts";

const now = Date.UTC(2026, 0, 1);
const event = {
  event: "clicked",
  feature_name: "f",
  identifier: "a",
  value: 1,
  traits: null,
  metadata: {},
  timestamp: now,
};

const refusal = (change: object): string | undefined => {
  const reading: EventsReading = readEvents({ events: [{ ...event, ...change }] }, now);
  if (reading.ok) return undefined;
  expect(reading.status).toBe(400);
  return "error" in reading.body ? reading.body.error : reading.body.rejected[0]?.error;
};

test("a sound event is taken, and what it leaves out is null", () => {
  expect(readEvents({ events: [event, { event: "x", timestamp: wholeFloat(now) }] }, now)).toEqual({
    ok: true,
    value: {
      accepted: [
        { event: "clicked", featureName: "f", identifier: "a", value: 1, traits: null, metadata: {}, timestamp: now },
        { event: "x", featureName: null, identifier: null, value: null, traits: null, metadata: null, timestamp: now },
      ],
      rejected: [],
    },
  });
});

test("one bad event does not spoil the others", () => {
  expect(readEvents({ events: [{}, event, 5] }, now)).toMatchObject({
    ok: true,
    value: {
      accepted: [{ event: "clicked" }],
      rejected: [
        { index: 0, error: "events[0].event must be a non-empty string" },
        { index: 2, error: "events[2] must be an object" },
      ],
    },
  });
  expect(readEvents({ events: [{}] }, now)).toEqual({
    ok: false,
    status: 400,
    body: { accepted: 0, rejected: [{ index: 0, error: "events[0].event must be a non-empty string" }] },
  });
});

test("without events there is nothing to take", () => {
  const error = (body: unknown) => readEvents(body, now);
  expect(error({ events: [] })).toEqual({ ok: false, status: 400, body: { error: "events must be non-empty" } });
  for (const body of [null, [], {}, { events: {} }, "x"]) {
    expect(error(body)).toEqual({ ok: false, status: 400, body: { error: "events must be a list" } });
  }
  expect(error({ events: Array.from({ length: eventLimits.events + 1 }, () => event) })).toMatchObject({ ok: false });
});

describe("limits", () => {
  const text = (length: number) => "x".repeat(length);
  test.each([
    [{ event: text(256) }],
    [{ feature_name: text(2000) }],
    [{ identifier: text(2000) }],
    [{ value: text(128 * 1024 - 2) }],
    [{ traits: { [text(200)]: text(2000), a: null, b: 1.5, c: true } }],
    [{ metadata: { a: text(8 * 1024 - 8) } }],
    [{ timestamp: Date.UTC(2020, 0, 1) + 1 }],
    [{ timestamp: now + eventLimits.ahead - 1 }],
    [{ event: "$flag_exposure" }],
  ])("case %# is just within", (change) => {
    expect(refusal(change)).toBeUndefined();
  });
  test.each([
    [{ event: text(257) }, "events[0].event must have no more than 256 characters"],
    [{ event: "$identify" }, 'events[0].event "$identify" is reserved'],
    [{ event: "$flag_exposure", feature_name: null }, "events[0].feature_name is required for $flag_exposure"],
    [{ feature_name: text(2001) }, "events[0].feature_name must have no more than 2000 characters"],
    [{ identifier: text(2001) }, "events[0].identifier must have no more than 2000 characters"],
    [{ identifier: 5 }, "events[0].identifier must be a string"],
    [{ identifier: "a\0" }, "events[0].identifier holds characters that cannot be stored"],
    [{ value: text(128 * 1024 - 1) }, "events[0].value must have no more than 131072 bytes"],
    [{ value: ["\0"] }, "events[0].value holds characters that cannot be stored"],
    [{ traits: [] }, "events[0].traits must be an object"],
    [{ traits: { a: [] } }, "events[0].traits must hold no lists or objects"],
    [{ traits: { a: text(2001) } }, 'events[0].traits["a"] is no valid trait value'],
    [{ traits: { [text(201)]: 1 } }, "events[0].traits has a key not of 1 to 200 characters"],
    [
      { traits: Object.fromEntries(Array.from({ length: 20 }, (_, i) => [i, text(1999)])) },
      "events[0].traits must have no more than 32768 bytes",
    ],
    [{ metadata: { a: text(8 * 1024 - 7) } }, "events[0].metadata must have no more than 8192 bytes"],
    [{ metadata: "x" }, "events[0].metadata must be an object"],
    [{ timestamp: Date.UTC(2020, 0, 1) }, "events[0].timestamp must be after 2020-01-01"],
    [{ timestamp: now + eventLimits.ahead }, "events[0].timestamp must be less than 24 hours ahead"],
    [{ timestamp: "now" }, "events[0].timestamp must be milliseconds since 1970"],
    [{ timestamp: Infinity }, "events[0].timestamp must be milliseconds since 1970"],
  ])("case %# is beyond", (change, error) => {
    expect(refusal(change)).toBe(error);
  });
});

test("no body makes it throw", () => {
  const anything = fc.oneof(fc.jsonValue(), fc.bigInt(), fc.constantFrom(Infinity, wholeFloat(2)));
  const hostile = fc.record({
    event: fc.oneof(fc.string(), anything),
    feature_name: anything,
    identifier: anything,
    value: anything,
    traits: fc.oneof(fc.dictionary(fc.string(), anything), anything),
    metadata: anything,
    timestamp: fc.constant(now),
  });
  fc.assert(
    fc.property(
      fc.oneof(
        anything,
        fc.array(fc.oneof(hostile, anything)).map((events) => ({ events })),
      ),
      (body) => {
        const reading = readEvents(body, now);
        expect(reading.ok ? reading.value.accepted.length : 1).toBeGreaterThan(0);
      },
    ),
    { numRuns: 1000 },
  );
});
