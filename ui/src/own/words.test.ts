import { expect, test } from "vitest";
import { de, en } from "./words";

test("German says of what is one's own everything that English says", () => {
  for (const [key, message] of Object.entries(en)) expect(typeof de[key as keyof typeof de], key).toBe(typeof message);
  expect(Object.keys(de).length).toBe(Object.keys(en).length);
});
