/** The answer of the artists' index as groups, whichever of its two spellings the server uses. */

import type { ArtistGroup } from "../api/types";

/** Groups by letter, in the server's order; an empty list for no answer. */
export function groupsOf(answer: unknown): ArtistGroup[] {
  if (Array.isArray(answer)) return answer as ArtistGroup[];
  const items = (answer as { items?: ArtistGroup[]; groups?: ArtistGroup[] } | null)?.items ?? (answer as { groups?: ArtistGroup[] } | null)?.groups;
  return items ?? [];
}
