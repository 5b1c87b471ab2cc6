import { describe, expect, it } from "vitest";
import { asked, bucketOf, moved, stretchOf, strength, weeks } from "./range";

const of = (text: string) => stretchOf(new URLSearchParams(text), "2026-11-20");

describe("stretches of statistics", () => {
  it("are this year where the address says nothing that can be", () => {
    for (const text of ["", "period=decade", "at=2026-02-31", "from=2026-05-01", "from=2026-05-02&to=2026-05-01"]) expect(asked(of(text)), text).toEqual({ period: "year", at: "2026-11-20" });
    expect(asked(of("period=all&at=2020-01-01"))).toEqual({ period: "all" });
    expect(asked(of("from=2026-05-01&to=2026-05-01"))).toEqual({ from: "2026-05-01", to: "2026-05-01" });
  });
  it("have one before and one after, whatever the length of months", () => {
    expect(moved(of("period=month&at=2026-03-31"), -1)).toBe("2026-02-01");
    expect(moved(of("period=month&at=2026-12-05"), 1)).toBe("2027-01-01");
    expect(moved(of("period=week&at=2026-03-02"), -1)).toBe("2026-02-23");
    expect(moved(of("at=2024-02-29"), 1)).toBe("2025-02-01");
  });
  it("are drawn in bars that are neither few nor very many", () => {
    expect(bucketOf(of("from=2026-01-01&to=2026-02-01"))).toBe("day");
    expect(bucketOf(of("from=2026-01-01&to=2026-12-31"))).toBe("week");
    expect(bucketOf(of("from=2016-01-01&to=2026-12-31"))).toBe("month");
  });
  it("stand in weeks from Monday", () => {
    const days = ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04", "2026-01-05"].map((at) => ({ at }));
    const found = weeks(days);
    expect(found).toHaveLength(2);
    expect(found[0]!.map((one) => one?.at ?? null)).toEqual([null, null, null, "2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"]);
  });
  it("show a little as a little, and nothing as nothing", () => {
    expect(strength(0, 10)).toBe(0);
    expect(strength(10, 10)).toBe(1);
    expect(strength(1, 100)).toBeGreaterThan(0.2);
  });
});
