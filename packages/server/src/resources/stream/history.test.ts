import { expect, test } from "bun:test";
import { createHistory } from "./history.ts";

const at = (revision: number) => ({ revision, updatedAt: revision * 1000 });

test("who comes back gets what it missed, oldest first, and nothing twice", () => {
  const history = createHistory();
  for (const revision of [5, 6, 8, 9]) history.add(1, at(revision));
  expect(history.since(1, 9, at(9))).toEqual([]);
  expect(history.since(1, 5, at(9))?.map(({ revision }) => revision)).toEqual([6, 8, 9]);
  // 7 was told with 8.
  expect(history.since(1, 7, at(9))?.map(({ revision }) => revision)).toEqual([8, 9]);
  expect(history.since(1, 4, at(9))?.map(({ revision }) => revision)).toEqual([5, 6, 8, 9]);
});

test("what is too old, or ahead, or of an environment nobody knows anything of, cannot be told", () => {
  const history = createHistory();
  for (const revision of [5, 6]) history.add(1, at(revision));
  expect(history.since(1, 3, at(6))).toBeUndefined();
  expect(history.since(1, 7, at(6))).toBeUndefined();
  expect(history.since(2, 3, at(6))).toBeUndefined();
  expect(history.since(2, 6, at(6))).toEqual([]);
});

test("it is bounded", () => {
  const history = createHistory();
  for (let revision = 1; revision <= 1000; revision += 1) history.add(1, at(revision));
  expect(history.since(1, 700, at(1000))).toBeUndefined();
  expect(history.since(1, 800, at(1000))).toHaveLength(200);
  for (let environment = 2; environment <= 1001; environment += 1) history.add(environment, at(1));
  expect(history.since(1, 998, at(1000))).toBeUndefined();
});
