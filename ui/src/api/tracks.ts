/** Tracks by their ids, for queues and playlists, which only keep ids. */

import { get } from "./request";
import type { Page, Track } from "./types";

const AT_ONCE = 200;

/** The tracks that are present, under their ids. Throws Problem. */
export async function tracksById(ids: readonly string[]): Promise<Map<string, Track>> {
  const wanted = [...new Set(ids)];
  const parts = Array.from({ length: Math.ceil(wanted.length / AT_ONCE) }, (_, at) => wanted.slice(at * AT_ONCE, (at + 1) * AT_ONCE));
  const pages = await Promise.all(parts.map((part) => get<Page<Track>>("tracks", { id: part.join(","), limit: AT_ONCE, total: false })));
  return new Map(pages.flatMap((page) => page.items).map((track) => [track.id, track]));
}
