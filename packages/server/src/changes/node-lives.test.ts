import { expect, test } from "bun:test";
import { beatMs, createNodeLives } from "./node-lives.ts";

test("a node that falls silent is lost, once; one that speaks or has taken its leave is not", () => {
  let now = 0;
  const lives = createNodeLives(() => now);
  for (const node of ["killed", "alive", "stopped"]) lives.heard(node);
  lives.left("stopped");
  const lost: number[] = [];
  for (let beat = 1; beat <= 6; beat += 1) {
    now += beatMs;
    lives.heard("alive");
    lost.push(lives.takeLost());
  }
  expect(lost).toEqual([0, 0, 0, 1, 0, 0]);
  lives.heard("killed");
  expect(lives.takeLost()).toBe(0);
});

test("a node that slept itself takes nobody for lost before it has listened again", () => {
  let now = 0;
  const lives = createNodeLives(() => now);
  lives.heard("other");
  now += 100 * beatMs;
  expect(lives.takeLost()).toBe(0);
  now += 2 * beatMs;
  expect(lives.takeLost()).toBe(0);
  now += 2 * beatMs;
  expect(lives.takeLost()).toBe(1);
});
