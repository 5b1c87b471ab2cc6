/** Stars and ratings: shown at once, taken back with a message if the server disagrees. */

import { SvelteMap } from "svelte/reactivity";
import { put, remove } from "../api/request";
import type { Marks } from "../api/types";
import { failed } from "../frame/toasts.svelte";
import { t } from "../i18n/index.svelte";

type Told = Partial<Marks> & { at: number };
const told = new SvelteMap<string, Told>();
/** A mark is believed for so long whatever the server said before it (milliseconds). */
const BELIEVED = 5_000;

type Markable = Marks & { id: string };

export const isStarred = (item: Markable): boolean => (told.has(item.id) && "starred_at" in told.get(item.id)! ? told.get(item.id)!.starred_at : item.starred_at) != null;
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

/** The server has told anew what is starred: marks it has had the time to hear of are no longer needed. */
export function trustServer(): void {
  for (const [id, mark] of told) if (Date.now() - mark.at > BELIEVED) told.delete(id);
}

async function tell(id: string, mark: Partial<Marks>, save: () => Promise<unknown>, sorry: string): Promise<void> {
  const before = told.get(id);
  told.set(id, { ...before, ...mark, at: Date.now() });
  try { await save() } catch (error) {
    if (before) told.set(id, before); else told.delete(id);
    failed(sorry, error);
  }
}
