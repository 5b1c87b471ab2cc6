/** The filter of the wall of albums: what may stand in the address, and what it asks the server. */

import type { Query } from "../api/base";

export const albumFilters = ["artist", "genre", "label", "library", "year", "type", "starred", "compilation", "missing"] as const;
export type AlbumFilter = (typeof albumFilters)[number];

export const albumSorts = ["-added", "added", "title", "artist", "-year", "year", "-plays", "-last_played", "-rating", "random"] as const;

/** What the address asks of `GET /albums`. Unknown parameters are left out. */
export function albumQuery(address: URLSearchParams, seed: number): Query {
  const query: Record<string, string> = {};
  for (const name of albumFilters) {
    const value = address.get(name);
    if (value) query[name] = value;
  }
  const words = address.get("q");
  if (words) query.q = words;
  const sort = address.get("sort") ?? (/(^|\s)sort:/.test(words ?? "") ? "" : "-added");
  if (sort) query.sort = sort === "random" ? `random:${seed}` : sort;
  return query;
}

/** A span of years as people write it, as the server reads it: "1977" and "1977-1979" and "1970s" become "1977", "1977..1979", "1970..1979". Null if it is none. */
export function yearSpan(text: string): string | null {
  const clean = text.trim();
  const decade = /^(\d{3})0s$/.exec(clean);
  if (decade) return `${decade[1]}0..${decade[1]}9`;
  const span = /^(\d{4})?\s*(?:\.\.|-|–)\s*(\d{4})?$/.exec(clean);
  if (span && (span[1] || span[2])) return `${span[1] ?? ""}..${span[2] ?? ""}`;
  return /^\d{4}$/.test(clean) ? clean : null;
}
