import { expect, test } from "vitest";
import { asksFor, offered, whereTagged } from "./tags";

test("a tag is asked for whole, whatever it is made of", () => {
  expect(asksFor("for the car")).toBe('tagged:"for the car"');
  expect(asksFor('odd "one" \\')).toBe('tagged:"odd \\"one\\" \\\\"');
  expect(whereTagged("albums", "A&B")).toBe("/albums?q=tagged%3A%22A%26B%22");
});
test("tags that begin with what is typed come first, and none that is worn already", () => {
  const tags = ["Late night", "night bus", "Knight", "Day"].map((name) => ({ name }));
  expect(offered(tags, "night", [{ name: "KNIGHT" }]).map((tag) => tag.name)).toEqual(["night bus", "Late night"]);
  expect(offered(tags, "", [], 2)).toHaveLength(2);
});
