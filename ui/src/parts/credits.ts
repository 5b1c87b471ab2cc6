/** Credits as text. */

import type { Credit } from "../api/types";

/** "A feat. B", joined the way the record joins them. */
export const creditText = (credits: readonly Credit[]): string =>
  credits.map((credit, at) => (credit.credited_as ?? credit.artist.name) + (at < credits.length - 1 ? credit.join_phrase || ", " : "")).join("");

/** Only those who stand on the cover: artists proper, without composers, engineers and so on. */
export const mainCredits = (credits: readonly Credit[]): Credit[] => {
  const main = credits.filter((credit) => ["artist", "albumartist", "album_artist", "main", ""].includes(credit.role ?? ""));
  return main.length ? main : [...credits];
};
