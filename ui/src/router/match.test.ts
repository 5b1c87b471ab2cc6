import { expect, test } from "vitest";
import { insideBase, match } from "./match";

test("a pattern gives its parameters", () => {
  expect(match("/albums/:id", "/albums/al-12")).toEqual({ params: { id: "al-12" } });
  expect(match("/albums", "/albums/")).toEqual({ params: {} });
});
test("another path fits nothing", () => {
  expect(match("/albums/:id", "/albums")).toBeNull();
  expect(match("/albums/:id", "/artists/ar-1")).toBeNull();
});
test("a parameter is decoded, and a broken one fits nothing", () => {
  expect(match("/x/:id", "/x/a%2Fb")).toEqual({ params: { id: "a/b" } });
  expect(match("/x/:id", "/x/%E0%A4%A")).toBeNull();
});
test("paths below a proxy lose its prefix, and others lie outside", () => {
  expect(insideBase("/music/albums", "/music")).toBe("/albums");
  expect(insideBase("/music", "/music")).toBe("/");
  expect(insideBase("/musical", "/music")).toBeNull();
  expect(insideBase("/albums", "")).toBe("/albums");
});
