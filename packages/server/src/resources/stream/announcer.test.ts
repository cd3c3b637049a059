import { expect, test } from "bun:test";
import type { Documents } from "../../documents/documents.ts";
import { createAnnouncer } from "./announcer.ts";
import type { Listener, Listeners } from "./listeners.ts";

test("a change that nobody listens to loads nothing; one that somebody does is told", async () => {
  const loaded: number[] = [];
  const documents = {
    get: (id: number) => {
      loaded.push(id);
      return undefined;
    },
  } as unknown as Documents;
  const ended: number[] = [];
  const somebody = { environmentId: 2, end: () => ended.push(2) } as unknown as Listener;
  const listeners = { of: (id: number) => (id === 2 ? [somebody] : []) } as unknown as Listeners;
  const { announce } = createAnnouncer(documents, listeners);
  const change = { isAboutAll: true, topics: new Set<string>(), revision: 1 };
  announce(1, change);
  announce(2, change);
  await Bun.sleep(1);
  // The second is gone, as far as this database goes: its listener hears so by the end of its stream.
  expect({ loaded, ended }).toEqual({ loaded: [2], ended: [2] });
});
