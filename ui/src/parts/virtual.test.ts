import { expect, test } from "vitest";
import { columns, evenRows, unevenRows } from "./virtual";

test("only the rows in the window and a few around it are shown", () => {
  const rows = evenRows(10_000, 50);
  expect(rows.size).toBe(500_000);
  expect(rows.between(5_000, 5_900, 2)).toEqual({ first: 98, last: 120 });
});
test("the window never reaches over either end", () => {
  const rows = evenRows(10, 50);
  expect(rows.between(-900, -100, 3)).toEqual({ first: 0, last: 1 });
  expect(rows.between(9_000, 9_900, 3)).toEqual({ first: 10, last: 10 });
  expect(evenRows(0, 50).between(0, 900, 3)).toEqual({ first: 0, last: 0 });
});
test("rows of different heights are found where they stand", () => {
  const rows = unevenRows([56, 76, 76, 56, 76]);
  expect(rows.size).toBe(340);
  expect(rows.offset(3)).toBe(208);
  expect(rows.between(60, 130, 0)).toEqual({ first: 1, last: 2 });
  expect(rows.between(132, 133, 0)).toEqual({ first: 2, last: 3 });
});
test("uneven rows of one height behave like even ones", () => {
  const even = evenRows(200, 40);
  const uneven = unevenRows(Array.from({ length: 200 }, () => 40));
  for (const top of [0, 1, 39, 40, 4_000, 7_990]) {
    expect(uneven.between(top, top + 399, 0).first).toBe(even.between(top, top + 399, 0).first);
    expect(uneven.between(top, top + 399, 0).last).toBe(even.between(top, top + 399, 0).last);
  }
});
test("as many cards stand side by side as fit, and they fill the width", () => {
  expect(columns(1_000, 168, 16)).toEqual({ count: 5, width: (1_000 - 4 * 16) / 5 });
  expect(columns(100, 168, 16)).toEqual({ count: 1, width: 100 });
});
