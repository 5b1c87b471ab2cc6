import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { KeysetList } from "./keyset.svelte";

interface Row { id: number }
let rows = 1200;
let asked: { limit: number; cursor: string | null }[] = [];
let broken = false;

function answer(url: string): Response {
  const query = new URL(url).searchParams;
  const limit = Number(query.get("limit"));
  const from = Number(query.get("cursor") ?? 0);
  asked.push({ limit, cursor: query.get("cursor") });
  if (broken) return new Response(JSON.stringify({ code: "busy", detail: "The database is busy." }), { status: 503 });
  const items = Array.from({ length: Math.min(limit, rows - from) }, (_, at) => ({ id: from + at }));
  return new Response(JSON.stringify({ items, next: from + limit < rows ? String(from + limit) : null, ...(from === 0 && { total: rows }) }));
}

beforeEach(() => { rows = 1200; asked = []; broken = false; vi.stubGlobal("fetch", async (url: string) => answer(url)) });
afterEach(() => vi.unstubAllGlobals());

const settled = (list: KeysetList<Row>) => vi.waitFor(() => expect(list.loading).toBe(false));

test("the first page is small and makes room for all rows", async () => {
  const list = new KeysetList<Row>("albums", {});
  list.want(0);
  await settled(list);
  expect(list.items).toHaveLength(100);
  expect(list.size).toBe(1200);
});

test("a jump far down reads along the cursor until it is there, each row once", async () => {
  const list = new KeysetList<Row>("albums", {});
  list.want(0);
  await settled(list);
  list.want(900);
  list.want(950);
  await settled(list);
  expect(list.items.map((row) => row.id)).toEqual(Array.from({ length: 1100 }, (_, at) => at));
  expect(asked.map((one) => one.cursor)).toEqual([null, "100", "600"]);
});

test("a refresh swaps in what changed, and reading goes on from there", async () => {
  const list = new KeysetList<Row>("albums", {});
  list.want(300);
  await settled(list);
  rows = 700;
  const refreshed = Promise.all([list.refresh(), list.refresh()]);
  list.want(690);
  await refreshed;
  await settled(list);
  expect(list.size).toBe(700);
  expect(list.items.map((row) => row.id)).toEqual(Array.from({ length: 700 }, (_, at) => at));
});

test("a failure is told and what is there stays; a retry goes on", async () => {
  const list = new KeysetList<Row>("albums", {});
  list.want(0);
  await settled(list);
  broken = true;
  list.want(500);
  await settled(list);
  expect(list.problem?.message).toBe("The database is busy.");
  expect(list.items).toHaveLength(100);
  broken = false;
  list.retry();
  await settled(list);
  expect(list.problem).toBeNull();
  expect(list.items).toHaveLength(600);
});

test("a refresh that fails leaves the rows and tries again at the next look", async () => {
  const list = new KeysetList<Row>("albums", {});
  list.want(0);
  await settled(list);
  broken = true;
  await list.refresh();
  expect(list.items).toHaveLength(100);
  expect(list.stale).toBe(true);
  broken = false;
  rows = 50;
  list.want(0);
  await settled(list);
  expect(list.items).toHaveLength(50);
});

test("an empty list is empty only when the server has said so", async () => {
  rows = 0;
  const list = new KeysetList<Row>("albums", {});
  expect(list.empty).toBe(false);
  list.want(0);
  await settled(list);
  expect(list.empty).toBe(true);
});
