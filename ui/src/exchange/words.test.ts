import { expect, test } from "vitest";
import { de, en } from "./words";

test("German says everything about bringing playlists in that English says", () => {
  for (const [key, message] of Object.entries(en)) expect(typeof de[key as keyof typeof de], key).toBe(typeof message);
  expect(Object.keys(de.formatNames())).toEqual(Object.keys(en.formatNames()));
});
test("reasons are sentences", () => {
  for (const [code, say] of Object.entries(de.reasons())) expect(say({ message: "Why." }).endsWith("."), code).toBe(true);
});
