import { expect, test } from "vitest";
import { de, en } from "./words";

test("German says everything about bringing a history in that English says", () => {
  for (const [key, message] of Object.entries(en)) expect(typeof de[key as keyof typeof de], key).toBe(typeof message);
  expect(Object.keys(de.sources())).toEqual(Object.keys(en.sources()));
  expect(Object.keys(de.states())).toEqual(Object.keys(en.states()));
  expect(Object.keys(de.passedWords())).toEqual(Object.keys(en.passedWords()));
});
