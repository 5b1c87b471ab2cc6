/** Where a thing has its page, by its id. */

const PAGES: Record<string, string> = { tr: "tracks", al: "albums", ar: "artists", ge: "genres", lb: "labels", pl: "playlists", co: "live/concerts", rec: "live/recordings", ba: "live/artists", so: "live/songs", ve: "live/venues" };

/** "/albums/al-12" for al-12, "/live/concerts/co-7" for co-7. */
export const pathOf = (id: string): string => `/${PAGES[id.slice(0, id.indexOf("-"))] ?? "search"}/${id}`;
