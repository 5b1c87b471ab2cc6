import { describe, expect, test } from "vitest";
import { append, clearRest, emptyQueue, following, insertNext, move, preceding, shuffle, startQueue, takeOut, unshuffle, type Queue } from "./queue";

const titles = (queue: Queue<string>) => queue.rows.map((row) => row.track).join("");
const now = (queue: Queue<string>) => queue.rows[queue.at]?.track;
const abcd = () => startQueue(emptyQueue<string>(), [..."abcd"], 1);

describe("the queue", () => {
  test("starts where one pressed play", () => { expect(now(abcd())).toBe("b") });
  test("plays what was put next right after the current track", () => { expect(titles(insertNext(abcd(), ["x", "y"]))).toBe("abxycd") });
  test("plays what was added last at the end", () => { expect(titles(append(abcd(), ["x"]))).toBe("abcdx") });
  test("begins with the first track added to an empty queue", () => {
    expect(append(emptyQueue<string>(), ["x"]).at).toBe(0);
    expect(insertNext(emptyQueue<string>(), ["x"]).at).toBe(0);
  });
  test("goes on playing the same track when others move around it", () => {
    for (const [from, to, order] of [[0, 3, "bcda"], [3, 0, "dabc"], [1, 2, "acbd"]] as const) {
      const moved = move(abcd(), from, to);
      expect(titles(moved)).toBe(order);
      expect(now(moved)).toBe("b");
    }
  });
  test("moves on to the following track when the current one is taken out", () => {
    const queue = abcd();
    expect(now(takeOut(queue, queue.rows[1]!.key))).toBe("c");
    expect(now(takeOut(queue, queue.rows[0]!.key))).toBe("b");
  });
  test("ends on the last track when the last one is taken out", () => {
    const queue = { ...abcd(), at: 3 };
    expect(now(takeOut(queue, queue.rows[3]!.key))).toBe("c");
  });
  test("is empty with no current track when its only track is taken out", () => {
    const queue = startQueue(emptyQueue<string>(), ["a"]);
    expect(takeOut(queue, queue.rows[0]!.key).at).toBe(-1);
  });
  test("keeps the current track in front when shuffled, and finds its old order again", () => {
    const shuffled = shuffle(abcd(), () => 0);
    expect(now(shuffled)).toBe("b");
    expect(shuffled.at).toBe(0);
    expect([...titles(shuffled)].sort().join("")).toBe("abcd");
    const straight = unshuffle(shuffled);
    expect(titles(straight)).toBe("abcd");
    expect(now(straight)).toBe("b");
  });
  test("remembers where a track was put while it was shuffled", () => {
    const added = insertNext(shuffle(abcd(), () => 0), ["x"]);
    expect(titles(unshuffle(added))).toBe("abxcd");
    expect(titles(unshuffle(append(added, ["z"])))).toBe("abxcdz");
  });
  test("ends after the last track, or begins again when it repeats", () => {
    const last = { ...abcd(), at: 3 };
    expect(following(last, false)).toBe(-1);
    expect(following({ ...last, repeat: "all" }, false)).toBe(0);
  });
  test("repeats one track by itself but leaves it when asked to", () => {
    const one = { ...abcd(), repeat: "one" as const };
    expect(following(one, false)).toBe(1);
    expect(following(one, true)).toBe(2);
  });
  test("has nothing before its first track unless it repeats", () => {
    const first = { ...abcd(), at: 0 };
    expect(preceding(first)).toBe(-1);
    expect(preceding({ ...first, repeat: "all" })).toBe(3);
  });
  test("keeps only the current track when cleared", () => { expect(titles(clearRest(abcd()))).toBe("b") });
});
