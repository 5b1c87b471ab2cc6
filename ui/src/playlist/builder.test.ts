import { expect, test } from "vitest";
import { drawn, type Field, limitParts, limitText, operators, type Tree, written } from "./builder";
import { de, en } from "./words";

const field = (name: string, type: string, more: Partial<Field> = {}): Field => ({ name, type, meaning: "", choices: [], sortable: true, text: null, nullable: true, absent: false, ...more });
const fields = new Map([field("artist.name", "text"), field("year", "integer"), field("added", "date"), field("starred", "boolean", { nullable: false }), field("kind", "enum", { choices: ["a", "b"] })].map((one) => [one.name, one]));

const trees: Tree[] = [
  { kind: "and", parts: [{ kind: "text", field: "artist.name", mode: "contains", value: "Miles" }, { kind: "range", field: "year", low: "1955", high: null }] },
  { kind: "or", parts: [{ kind: "not", part: { kind: "text", field: "artist.name", mode: "is", value: "Nobody" } }, { kind: "phrase", value: "blue" }] },
  { kind: "and", parts: [{ kind: "or", parts: [{ kind: "compare", field: "year", op: ">=", value: "1970" }, { kind: "has", field: "year" }] }, { kind: "compare", field: "starred", op: "=", value: true }] },
  { kind: "and", parts: [{ kind: "range", field: "added", low: "-30d", high: null }, { kind: "in", field: "kind", values: ["a", "b"] }] },
  { kind: "and", parts: [] },
];

test("a query that the form shows is written as it was read", () => {
  for (const tree of trees) expect(written(drawn(tree)!, fields)).toEqual(tree);
});
test("one condition alone is a group of one", () => {
  expect(drawn({ kind: "compare", field: "starred", op: "=", value: true })).toEqual({ any: false, parts: [{ field: "starred", op: "true", value: "", high: "" }] });
});
test("what the form cannot show stays text", () => {
  expect(drawn({ kind: "not", part: { kind: "or", parts: [] } })).toBeNull();
  expect(drawn({ kind: "and", parts: [{ kind: "not", part: { kind: "range", field: "year", low: "1", high: "2" } }] })).toBeNull();
  let deep: Tree = { kind: "phrase", value: "x" };
  for (let level = 0; level < 6; level += 1) deep = { kind: level % 2 ? "and" : "or", parts: [deep, deep] };
  expect(drawn(deep)).toBeNull();
});
test("a condition that is not filled in is left out", () => {
  expect(written({ any: false, parts: [{ field: "year", op: "=", value: " ", high: "" }, { any: true, parts: [] }, { field: "added", op: "last", value: "soon", high: "" }] }, fields)).toEqual({ kind: "and", parts: [] });
});
test("not yes is no", () => {
  expect(drawn({ kind: "and", parts: [{ kind: "not", part: { kind: "compare", field: "starred", op: "=", value: true } }] })?.parts[0]).toMatchObject({ op: "false" });
});
test("limits are numbers with a unit", () => {
  for (const limit of ["100", "90min", "2gb", "10%"]) { const { amount, unit } = limitParts(limit); expect(limitText(amount, unit)).toBe(limit) }
  expect(limitText("0", "rows")).toBeNull();
  expect(limitText("many", "rows")).toBeNull();
});
test("every operator has a word, in both languages", () => {
  const used = new Set([...fields.values(), undefined].flatMap((one) => operators(one)));
  for (const op of used) { expect(en.ops()[op], op).toBeTruthy(); expect(de.ops()[op], op).toBeTruthy() }
});
test("German says everything that English says", () => {
  for (const [key, message] of Object.entries(en)) expect(typeof de[key as keyof typeof de], key).toBe(typeof message);
  expect(Object.keys(de.changes()).sort()).toEqual(Object.keys(en.changes()).sort());
});
