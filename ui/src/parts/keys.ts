/** Musical keys as tags spell them. */

import { keyAt, type KeyName } from "../sound/keys";

const NOTES: Record<string, number> = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11, H: 11 };
const SIGNS: Record<string, number> = { "#": 1, "♯": 1, b: -1, "♭": -1 };

/** The key that "Am", "F# minor", "8A" or Open Key's "1m" means; null if it is none. */
export function keyOf(text: string): KeyName | null {
  const said = text.trim();
  const wheel = /^(1[0-2]|0?[1-9])([ABab])$/.exec(said);
  if (wheel) return keyAt(Number(wheel[1]), wheel[2]!.toUpperCase() === "A" ? "minor" : "major");
  const open = /^(1[0-2]|0?[1-9])([md])$/.exec(said);
  if (open) return keyAt(((Number(open[1]) + 6) % 12) + 1, open[2] === "m" ? "minor" : "major");
  const spelled = /^([A-Ha-h])([#♯b♭]?)[\s-]*(m|min|minor|moll|maj|major|dur)?$/i.exec(said);
  if (!spelled) return null;
  const minor = /^(m|min|minor|moll)$/i.test(spelled[3] ?? "") && spelled[3] !== "M";
  return { tonic: ((NOTES[spelled[1]!.toUpperCase()] ?? 0) + (SIGNS[spelled[2] ?? ""] ?? 0) + 12) % 12, mode: minor ? "minor" : "major" };
}
