/** What the catalogue's documents say, as people read it. */

import { c } from "./words";
import type { CatalogAlbum, CatalogTrack } from "./types";

/** Where a thing of the catalogue has its page. */
export const at = (kind: "tracks" | "albums" | "artists", id: string): string => `/catalog/${kind}/${encodeURIComponent(id)}`;

export const typeName = (type: string): string => c.types()[type.toLowerCase()] ?? type;

export const year = (when: string | null): string => when?.slice(0, 4) ?? "";

export const titleOf = (thing: { title: string }): string => thing.title || c.takenDown;

/** Artists as credited, in one line. */
export function artistsOf(thing: Pick<CatalogAlbum | CatalogTrack, "artists">): string {
  const credits = thing.artists;
  return credits.map((credit, index) => (credit.credited_as ?? credit.artist.name) + (index < credits.length - 1 ? credit.join_phrase || ", " : credit.join_phrase)).join("");
}
