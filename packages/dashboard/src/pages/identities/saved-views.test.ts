import { expect, test } from "bun:test";
import { isSameView, MOST_VIEWS, readViews, withoutView, withView } from "./saved-views.ts";

test("views are kept by name, and nonsense in the browser counts as none", () => {
  const views = withView([], { name: "Pros", q: "plan:pro" });
  const both = withView(views, { name: "Lost", q: "last_seen>90d" });
  expect(readViews(JSON.stringify(both)).map(({ name }) => name)).toEqual(["Lost", "Pros"]);
  expect(withView(both, { name: "Pros", q: "plan:scale" }).find(({ name }) => name === "Pros")?.q).toBe("plan:scale");
  expect(withoutView(both, "Lost")).toEqual(views);
  expect([null, "", "{", '{"a":1}', '[{"name":""}]'].map(readViews)).toEqual([[], [], [], [], []]);
});

test("there are not more than are useful", () => {
  let views = readViews(null);
  for (let i = 0; i < MOST_VIEWS + 5; i += 1) views = withView(views, { name: `view ${i}` });
  expect(views).toHaveLength(MOST_VIEWS);
});

test("a view is known by what it shows", () => {
  expect(isSameView({ q: "a" }, { q: "a", sort: undefined, columns: [] })).toBe(true);
  expect(isSameView({ q: "a" }, { q: "b" })).toBe(false);
});
