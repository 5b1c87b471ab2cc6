import { expect, test, vi } from "vitest";
import type { QueueOf } from "./types";

vi.mock("../player/player.svelte", () => ({ CLIENT: "Segue web", player: {} }));
vi.mock("../data/store.svelte", () => ({ changed: () => {} }));
vi.mock("../frame/toasts.svelte", () => ({ say: () => {}, failed: () => {} }));
const { others } = await import("./queues");

const queue = (device: string, changed_by: string, more: Partial<QueueOf> = {}): QueueOf => ({ device, changed_by, before: false, tracks: 3, current_track: "tr-1", position_ms: 0, changed_at: "2026-11-20T10:00:00Z", ...more });

test("offered are queues of other players, the shared one if another player left it, and the one replaced here", () => {
  const all = [queue("", "Symfonium"), queue("", "Segue web", { before: true }), queue("Phone", "Symfonium"), queue("Phone", "Symfonium", { before: true }), queue("Car", "Tempo", { tracks: 0 })];
  const found = others(all, "");
  expect(found.left.map((one) => one.device)).toEqual(["", "Phone"]);
  expect(found.before?.device).toBe("");
  expect(others([queue("", "Segue web")], "").left).toEqual([]);
  expect(others([queue("", "Segue web"), queue("Firefox, Linux", "Segue web")], "Firefox, Linux").left.map((one) => one.device)).toEqual([""]);
});
