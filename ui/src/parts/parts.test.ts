import { expect, test } from "vitest";
import { fits } from "../frame/fits";
import { keyCaps } from "../frame/keycaps";
import { albumQuery, yearSpan } from "./albumFilter";
import { decodeBlurhash } from "./blurhash";
import { drawnCover } from "./drawn";
import { fold } from "./fold";
import { hueOf } from "./hue";
import { camelotOf } from "../sound/keys";
import { keyOf } from "./keys";
import { layout } from "./trackColumns";
import { read, shownAs } from "./settingValue";

test("a cover drawn from a title is always the same", () => {
  expect(drawnCover("!!!")).toBe(drawnCover("!!!"));
  expect(drawnCover("雨の地図")).not.toBe(drawnCover("Parade"));
});
test("the hue of a colour is its OKLCH hue, and grey has little tint", () => {
  expect(hueOf("#ff0000")!.hue).toBeCloseTo(29.2, 0);
  expect(hueOf("#0000ff")!.hue).toBeCloseTo(264, 0);
  expect(hueOf("#808080")!.tint).toBeLessThan(0.2);
  expect(hueOf("red")).toBeNull();
});
test("keys are found on the Camelot wheel however they are spelled", () => {
  for (const name of ["Am", "A minor", "8A", "08a"]) expect(camelotOf(keyOf(name)!)).toBe("8A");
  expect(camelotOf(keyOf("F# major")!)).toBe("2B");
  expect(keyOf("1m")).toEqual(keyOf("8A"));
  expect(keyOf("h-Moll")).toEqual({ tonic: 11, mode: "minor" });
  expect(camelotOf(keyOf("G♯m")!)).toBe("1A");
  expect(keyOf("off-key")).toBeNull();
  expect(keyOf("13A")).toBeNull();
});
test("years are read as people write them", () => {
  expect(yearSpan("1977")).toBe("1977");
  expect(yearSpan("1970-1979")).toBe("1970..1979");
  expect(yearSpan("1970s")).toBe("1970..1979");
  expect(yearSpan("1990..")).toBe("1990..");
  expect(yearSpan("soon")).toBeNull();
});
test("the address of the wall asks only what the server knows", () => {
  expect(albumQuery(new URLSearchParams("genre=ge-1&view=table&q=har"), 5)).toEqual({ genre: "ge-1", q: "har", sort: "-added" });
  expect(albumQuery(new URLSearchParams("q=rating:>3 sort:title"), 5)).toEqual({ q: "rating:>3 sort:title" });
  expect(albumQuery(new URLSearchParams("sort=random"), 5)).toEqual({ sort: "random:5" });
});
test("settings keep their kind when edited as text", () => {
  expect(read("8", 15)).toBe(8);
  expect(read("eight", 15)).toBeUndefined();
  expect(read("a, b", ["x"])).toEqual(["a", "b"]);
  expect(shownAs([1, 2])).toBe("1, 2");
  expect(shownAs(null)).toBe("");
});
test("a command is found by the beginnings of its words, without accents", () => {
  expect(fits("Play or pause", "pau pl")).toBe(true);
  expect(fits("Künstler", "kun")).toBe(true);
  expect(fits("Albums", "bums")).toBe(false);
  expect(fold("Đvořák")).toBe("đvorak");
});
test("keys are shown as printed on the keyboard", () => {
  expect(keyCaps("Shift+ArrowRight")).toEqual(["⇧", "→"]);
  expect(keyCaps("g a")).toEqual(["g", "a"]);
});
test("a blurhash becomes pixels, and nonsense becomes nothing", () => {
  const pixels = decodeBlurhash("LEHV6nWB2yk8pyo0adR*.7kCMdnj", 4, 4);
  expect(pixels).toHaveLength(64);
  expect(pixels![3]).toBe(255);
  expect(decodeBlurhash("nonsense", 4, 4)).toBeNull();
});
test("a table of tracks gives up columns before its titles become unreadable", () => {
  const all = ["title", "artist", "album", "year", "bpm", "key", "time"] as const;
  expect(layout(all, 1400).columns).toEqual(all);
  expect(layout(all, 700).columns).toEqual(["title", "artist", "album", "time"]);
  expect(layout(all, 390).columns).toEqual(["title", "time"]);
});
