/** What is known of concerts and recordings, as people read it. */

import { date as day, number } from "../i18n/format";
import { language } from "../i18n/index.svelte";
import { partialDate } from "../i18n/time";
import type { Concert, ConcertPage, Recording, Term, Venue } from "./types";
import { l } from "./words";

/** "14 May 1976", "May 1976", "1976". */
export const when = (concert: Pick<Concert, "date">): string => (concert.date ? day(concert.date) : l.noDate);

/** "Friday"; empty where the day is not known. */
export function weekday(date: string): string {
  const parts = partialDate(date);
  if (parts?.month == null || parts.day == null) return "";
  return new Intl.DateTimeFormat(language.locale, { weekday: "long", timeZone: "UTC" }).format(new Date(Date.UTC(parts.year, parts.month - 1, parts.day)));
}

/** "Corn Exchange, Leeds". */
export const placeOf = (venue: Venue | null): string => (venue ? [venue.name, venue.city, venue.region].filter(Boolean).join(", ") : "");

/** "early show", "show 2 of that day"; empty for the only one. */
export const showOf = (concert: Pick<Concert, "show_time" | "sequence">): string =>
  concert.show_time === "early" ? l.early : concert.show_time === "late" ? l.late : concert.sequence > 1 ? l.showOf(concert.sequence) : "";

/** "Two sets and an encore · 4 recordings · late show". */
export function inShort(concert: ConcertPage): string {
  const sets = concert.sets.filter((set) => !/encore/i.test(set.name)).length;
  const encore = concert.sets.some((set) => /encore/i.test(set.name));
  return [sets ? [l.nSets(sets), encore ? l.andEncore : ""].filter(Boolean).join(" ") : "", l.nRecordings(concert.recordings), showOf(concert), concert.kind !== "concert" ? l.kinds()[concert.kind] : "", concert.tour].filter(Boolean).join(" · ");
}

export const sourceName = (type: string): string => l.sources()[type] ?? type;

/** "Matrix, Hollis": what one calls a recording for short. */
export const tapeName = (recording: Pick<Recording, "source_type" | "taper">): string => [sourceName(recording.source_type), recording.taper].filter(Boolean).join(", ");

/** The share as whole percent: 0.914 is "91". */
export const percent = (share: number): string => number(Math.round(share * 100));

/** How good a recording is by what speaks for it, 0 to 1: its rank also knows what speaks against it. */
export function goodness(terms: readonly Term[]): number {
  const good = terms.filter((term) => term.weight > 0);
  const all = good.reduce((sum, term) => sum + term.weight, 0);
  return all ? good.reduce((sum, term) => sum + term.weight * term.value, 0) / all : 0;
}

/** Letters and digits alone: two titles that are the same but for arrows, dots and case. */
export const bare = (title: string): string => title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "");

/** Where a recording may not be fetched or is not whole: what to know before playing it. */
export const warnings = (recording: Recording): string[] => [recording.stream_only ? l.streamOnly : "", recording.partial ? l.partial : "", recording.status === "gone" ? l.gone : recording.status === "dark" ? l.dark : ""].filter(Boolean);

/** The steps from microphone to file in one line. */
export const lineageOf = (recording: Pick<Recording, "lineage" | "source">): string => (recording.lineage.length ? recording.lineage.join(" › ") : recording.source);
