import { expect, test } from "bun:test";
import { atTurnEnd } from "./turn-end.ts";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const microtasks = async (): Promise<void> => {
  for (let step = 0; step < 10; step += 1) await Promise.resolve();
};

test("what is ready in one turn is given at its end, in order", async () => {
  const given: number[] = [];
  const waiting = [1, 2, 3].map((value) => atTurnEnd(value).then((held) => given.push(held)));
  await microtasks();
  expect(given).toEqual([]);
  await Promise.all(waiting);
  expect(given).toEqual([1, 2, 3]);
});

test("a crowd does not wait for the end of the turn, and nobody is forgotten or told twice", async () => {
  const crowd = 64 * 2 + 1;
  let given = 0;
  const waiting = Array.from({ length: crowd }, (_, value) =>
    atTurnEnd(value).then((held) => {
      given += 1;
      return held;
    }),
  );
  await microtasks();
  expect(given).toBe(crowd - 1);
  expect(await Promise.all(waiting)).toEqual(Array.from({ length: crowd }, (_, value) => value));
  await turn();
  expect(given).toBe(crowd);
  expect(await atTurnEnd("later")).toBe("later");
});
