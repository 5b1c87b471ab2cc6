import { describe, expect, it } from "vitest";
import { completed, conditions, isQuery, pointsBefore, without } from "./query";

const one = (text: string, start: number, length: number, kind: "field" | "value" = "field") => ({ kind, text, label: text, detail: "", start, length });

describe("a box that takes queries", () => {
  it("tells words from a query", () => {
    for (const words of ["pink floyd", "AC/DC", "!!!", "1989", "and then", "blink-182"]) expect(isQuery(words), words).toBe(false);
    for (const query of ["genre:Jazz", "year : 1970", 'a "b c"', "(a", "a OR b", "NOT live", "role.producer:eno"]) expect(isQuery(query), query).toBe(true);
  });
  it("puts a completion in the place of what was begun", () => {
    expect(completed("ge", one("genre:", 0, 2))).toEqual({ text: "genre:", cursor: 6 });
    expect(completed("genre:ja year:1970", one("Jazz", 6, 2, "value"))).toEqual({ text: "genre:Jazz year:1970", cursor: 10 });
    expect(completed("genre:ja", one("Jazz", 6, 2, "value"))).toEqual({ text: "genre:Jazz ", cursor: 11 });
  });
  it("counts places as the server does", () => {
    expect(pointsBefore("🎵 ge", 5)).toBe(4);
    expect(completed("🎵 ge", one("genre:", 2, 2))).toEqual({ text: "🎵 genre:", cursor: 9 });
  });
  it("takes one condition out and leaves the others", () => {
    const tree = { kind: "and" as const, parts: [{ kind: "has" as const, field: "bpm" }, { kind: "phrase" as const, value: "live" }] };
    expect(conditions(tree)).toHaveLength(2);
    expect(without(tree, 0)).toEqual({ kind: "and", parts: [{ kind: "phrase", value: "live" }] });
    expect(without({ kind: "has", field: "bpm" }, 0)).toEqual({ kind: "and", parts: [] });
  });
});
