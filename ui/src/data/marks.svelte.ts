/** Stars, ratings, and what one does not want to hear: shown at once, taken back with a message if the server disagrees. */

import { SvelteMap } from "svelte/reactivity";
import { get, put, remove } from "../api/request";
import type { Marks, Page, Track } from "../api/types";
import { failed, say } from "../frame/toasts.svelte";
import { t } from "../i18n/index.svelte";

type Told = Partial<Marks> & { at: number };
const told = new SvelteMap<string, Told>();
/** A mark is believed for so long whatever the server said before it (milliseconds). */
const BELIEVED = 5_000;

type Markable = Marks & { id: string };
/** Albums and artists that one does not want to hear, as the server told them last. */
let around = new Set<string>();
/** More of them than anybody has. */
const MOST_HATED = 500;

export const isStarred = (item: Markable): boolean => (told.has(item.id) && "starred_at" in told.get(item.id)! ? told.get(item.id)!.starred_at : item.starred_at) != null;
/** Whether one said not to want to hear it. */
export const isHated = (item: Markable): boolean => (told.has(item.id) && "hated_at" in told.get(item.id)! ? told.get(item.id)!.hated_at : item.hated_at) != null;
/** Whether one said not to want to hear a track, or its album, or the artist it is by. */
export function isUnwanted(track: Track): boolean {
  const artist = track.artists.find((credit) => credit.role === "artist")?.artist.id;
  return isHated(track) || [track.album?.id, artist].some((id) => !!id && (told.has(id) && "hated_at" in told.get(id)! ? told.get(id)!.hated_at != null : around.has(id)));
}
/** Asks the server which albums and artists are not wanted; what was known stays where it cannot say. */
export async function loadUnwanted(): Promise<void> {
  const asked = ["albums", "artists"].map((kind) => get<Page<Markable>>(kind, { q: "hated:true", limit: MOST_HATED }));
  await Promise.all(asked).then((pages) => { around = new Set(pages.flatMap((page) => page.items.map((item) => item.id))) }, () => undefined);
}
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
  for (const [id, mark] of told) {
    if (Date.now() - mark.at <= BELIEVED) continue;
    if (mark.hated_at) around.add(id); else if ("hated_at" in mark) around.delete(id);
    told.delete(id);
  }
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
