/** An artist's albums, grouped by what the artist does on them. */

import type { Album, ArtistPage } from "../api/types";

export interface RoleGroup { role: string; albums: Album[] }

/** The groups as the server sent them, "artist" first; null if it sent none. */
export function albumsByRole(artist: ArtistPage): RoleGroup[] | null {
  const sent = artist.albums;
  if (!sent) return null;
  const groups: RoleGroup[] = Array.isArray(sent)
    ? (sent as (RoleGroup | Album)[]).every((one) => "albums" in one) ? (sent as RoleGroup[]) : [{ role: "artist", albums: sent as unknown as Album[] }]
    : Object.entries(sent).map(([role, albums]) => ({ role, albums }));
  const main = new Set(["artist", "albumartist", "album_artist", "main"]);
  return groups
    .map((group) => ({ role: main.has(group.role) ? "artist" : group.role, albums: [...group.albums].sort((a, b) => (b.year ?? 0) - (a.year ?? 0)) }))
    .sort((a, b) => Number(b.role === "artist") - Number(a.role === "artist"));
}
