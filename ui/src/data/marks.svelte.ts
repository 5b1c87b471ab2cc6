/** Stars, ratings, and what one does not want to hear: shown at once, taken back with a message if the server disagrees. */

import { SvelteMap } from "svelte/reactivity";
import { put, remove } from "../api/request";
import type { Marks } from "../api/types";
import { failed, say } from "../frame/toasts.svelte";
import { t } from "../i18n/index.svelte";

type Told = Partial<Marks> & { at: number };
const told = new SvelteMap<string, Told>();
/** A mark is believed for so long whatever the server said before it (milliseconds). */
const BELIEVED = 5_000;

type Markable = Marks & { id: string };

export const isStarred = (item: Markable): boolean => (told.has(item.id) && "starred_at" in told.get(item.id)! ? told.get(item.id)!.starred_at : item.starred_at) != null;
/** Whether one said not to want to hear it. */
export const isHated = (item: Markable): boolean => (told.has(item.id) && "hated_at" in told.get(item.id)! ? told.get(item.id)!.hated_at : item.hated_at) != null;
export const ratingOf = (item: Markable): number => told.get(item.id)?.rating ?? item.rating ?? 0;

/** Stars what has none, and takes the star from what has one. */
export async function toggleStar(item: Markable): Promise<void> {
  const starred = !isStarred(item);
  await tell(item.id, { starred_at: starred ? new Date().toISOString() : null }, () => (starred ? put(`stars/${item.id}`) : remove(`stars/${item.id}`)), t.starFailed);
}

/** Rates from 1 to 5; 0 takes the rating away. */
export async function rate(item: Markable, rating: number): Promise<void> {
  await tell(item.id, { rating }, () => put(`ratings/${item.id}`, { rating }), t.ratingFailed);
}

/** Leaves something out of what is played by itself, or lets it in again; the message has an undo. */
export async function toggleHate(item: Markable, name: string): Promise<void> {
  const hated = !isHated(item);
  const kept = await tell(item.id, { hated_at: hated ? new Date().toISOString() : null }, () => (hated ? put(`hates/${item.id}`) : remove(`hates/${item.id}`)), t.couldNotSave);
  if (kept) say(hated ? t.hatedNow(name) : t.hatedNoMore(name), { action: { label: t.undo, run: () => void toggleHate(item, name) } });
}

/** The server has told anew what is starred: marks it has had the time to hear of are no longer needed. */
export function trustServer(): void {
  for (const [id, mark] of told) if (Date.now() - mark.at > BELIEVED) told.delete(id);
}

async function tell(id: string, mark: Partial<Marks>, save: () => Promise<unknown>, sorry: string): Promise<boolean> {
  const before = told.get(id);
  told.set(id, { ...before, ...mark, at: Date.now() });
  try { await save(); return true } catch (error) {
    if (before) told.set(id, before); else told.delete(id);
    failed(sorry, error);
    return false;
  }
}
