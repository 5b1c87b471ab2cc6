import { describe, expect, it } from "vitest";
import { asText, asValue, editGroups } from "./fields";

describe("fields of an edit", () => {
  it("come back from text as they went in", () => {
    for (const [how, value] of [
      ["words", ["Rock", "Jazz"]], ["labels", [{ name: "Blue", catalog_number: "B 1" }, { name: "Red" }]], ["yes", true], ["number", 7], ["decimal", 120.5], ["line", "Hurt"],
      ["discs", { "1": "Studio", "2": null }],
    ] as const) expect(asValue(how, asText(how, value), null)).toEqual(value);
  });
  it("keep what a credit's text does not say", () => {
    const before = [{ name: "Ann", join_phrase: " & ", artist: "ar-1" }, { name: "Bo", instrument: "guitar" }];
    expect(asText("credits", before)).toBe("Ann\nBo (guitar)");
    expect(asValue("credits", "Bo (guitar)\nAnn\nCy (soprano vocals)", before)).toEqual([before[1], before[0], { name: "Cy", instrument: "soprano vocals" }]);
  });
  it("say nothing where nothing is written", () => {
    expect(asValue("line", "  ", null)).toBeNull();
    expect(asValue("number", "", null)).toBeNull();
    expect(asValue("words", "\n", null)).toEqual([]);
  });
  it("stand in one group each", () => {
    for (const groups of Object.values(editGroups)) {
      const names = groups.flatMap((group) => group.fields.map((field) => field.name));
      expect(new Set(names).size).toBe(names.length);
    }
  });
});
