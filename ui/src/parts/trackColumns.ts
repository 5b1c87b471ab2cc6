/** The columns a table of tracks may have, and how wide each is. */

import type { MessageKey } from "../i18n/index.svelte";

export type Column = "cover" | "title" | "artist" | "album" | "genre" | "year" | "bpm" | "key" | "energy" | "loudness" | "quality" | "plays" | "added" | "time";

/** CSS grid width, heading and sort name of each column; without a sort name it cannot be sorted by. */
export const columnFacts: Record<Column, { width: string; title: MessageKey; sort: string | null; end?: boolean }> = {
  cover: { width: "40px", title: "cover", sort: null },
  title: { width: "minmax(0, 3fr)", title: "title", sort: "title" },
  artist: { width: "minmax(0, 2fr)", title: "artist", sort: "artist" },
  album: { width: "minmax(0, 2fr)", title: "album", sort: "album" },
  genre: { width: "minmax(0, 1.2fr)", title: "genre", sort: null },
  year: { width: "44px", title: "year", sort: "year", end: true },
  bpm: { width: "44px", title: "bpm", sort: "bpm", end: true },
  key: { width: "48px", title: "key", sort: "key" },
  energy: { width: "56px", title: "energy", sort: "energy" },
  loudness: { width: "64px", title: "loudness", sort: "loudness", end: true },
  quality: { width: "104px", title: "quality", sort: null },
  plays: { width: "48px", title: "plays", sort: "plays", end: true },
  added: { width: "104px", title: "added", sort: "added" },
  time: { width: "56px", title: "time", sort: null, end: true },
};

const ON_PHONE: readonly Column[] = ["cover", "title", "time"];
const PHONE = 620;
const GAP = 16;
/** What a column needs at least where it may shrink (pixels). */
const LEAST: Partial<Record<Column, number>> = { title: 190, artist: 110, album: 110, genre: 90 };
/** What is left out first where there is no room for all. */
const FIRST_TO_GO: readonly Column[] = ["loudness", "added", "genre", "quality", "year", "plays", "energy", "key", "bpm", "album", "artist"];

const needs = (columns: readonly Column[]): number => columns.reduce((sum, column) => sum + GAP + (LEAST[column] ?? parseInt(columnFacts[column].width, 10)), 0);

/** The columns that are shown at this width (pixels), and the grid they make between the number and the buttons. */
export function layout(columns: readonly Column[], width: number, grip = false): { columns: Column[]; template: string } {
  const narrow = width < PHONE;
  const lead = grip ? 60 : 32;
  const end = narrow ? 40 : 72;
  let shown = columns.filter((column) => !narrow || ON_PHONE.includes(column));
  for (const column of FIRST_TO_GO) {
    if (needs(shown) + lead + end + 2 * GAP <= width) break;
    shown = shown.filter((other) => other !== column);
  }
  return { columns: shown, template: [`${lead}px`, ...shown.map((column) => columnFacts[column].width), `${end}px`].join(" ") };
}
