/** The columns a table of tracks may have, and how wide each is. */

import type { MessageKey } from "../i18n/index.svelte";

export type Column = "cover" | "title" | "artist" | "album" | "genre" | "year" | "bpm" | "key" | "quality" | "plays" | "added" | "time";

/** CSS grid width, heading and sort name of each column; without a sort name it cannot be sorted by. */
export const columnFacts: Record<Column, { width: string; title: MessageKey | null; sort: string | null; end?: boolean }> = {
  cover: { width: "40px", title: null, sort: null },
  title: { width: "minmax(0, 3fr)", title: "title", sort: "title" },
  artist: { width: "minmax(0, 2fr)", title: "artist", sort: "artist" },
  album: { width: "minmax(0, 2fr)", title: "album", sort: "album" },
  genre: { width: "minmax(0, 1.2fr)", title: "genre", sort: null },
  year: { width: "44px", title: "year", sort: "year", end: true },
  bpm: { width: "44px", title: "bpm", sort: null, end: true },
  key: { width: "48px", title: "key", sort: null },
  quality: { width: "104px", title: "quality", sort: null },
  plays: { width: "48px", title: "plays", sort: "plays", end: true },
  added: { width: "104px", title: "added", sort: "added" },
  time: { width: "56px", title: "time", sort: null, end: true },
};

const ON_PHONE: readonly Column[] = ["cover", "title", "time"];

/** The columns that are shown at this width (pixels), and the grid they make between the number and the buttons. */
export function layout(columns: readonly Column[], width: number, grip = false): { columns: Column[]; template: string } {
  const narrow = width < 620;
  const shown = columns.filter((column) => !narrow || ON_PHONE.includes(column)).filter((column) => width >= 900 || !["added", "genre", "quality"].includes(column));
  return { columns: shown, template: [grip ? "60px" : "32px", ...shown.map((column) => columnFacts[column].width), narrow ? "40px" : "72px"].join(" ") };
}
