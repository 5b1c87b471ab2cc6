/** An artist's albums, grouped by what the artist does on them. */

import type { Album, ArtistPage } from "../api/types";

export interface RoleGroup { role: string; albums: Album[] }

/** The server's groups with the artist's own albums first, newest on top. Albums of one's own are not shown again under "artist". */
export function albumsByRole(artist: ArtistPage): RoleGroup[] {
  const own = new Set(artist.albums.filter((group) => group.role === "album_artist").flatMap((group) => group.albums.map((album) => album.id)));
  return artist.albums
    .map((group) => ({
      role: group.role,
      albums: group.albums.filter((album) => group.role !== "artist" || !own.has(album.id)).sort((a, b) => (b.year ?? 0) - (a.year ?? 0)),
    }))
    .filter((group) => group.albums.length)
    .sort((a, b) => Number(b.role === "album_artist") - Number(a.role === "album_artist"));
}
