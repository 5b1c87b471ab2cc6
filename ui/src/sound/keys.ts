/** Keys: a tonic (0 to 11, C = 0) and a mode, their places on the Camelot wheel, and how each notation spells them. */

export interface KeyName { tonic: number; mode: "major" | "minor" }
export type Notation = "camelot" | "open" | "names";

const MAJOR = ["C", "D♭", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];
const MINOR = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "G♯", "A", "B♭", "B"];

/** The hour on the Camelot wheel, 1 to 12. */
export const hourOf = ({ tonic, mode }: KeyName): number => ((tonic * 7 + (mode === "minor" ? 4 : 7)) % 12) + 1;
export const camelotOf = (key: KeyName): string => `${hourOf(key)}${key.mode === "minor" ? "A" : "B"}`;
export const openKeyOf = (key: KeyName): string => `${((hourOf(key) + 4) % 12) + 1}${key.mode === "minor" ? "m" : "d"}`;
/** The key at an hour of the wheel. */
export function keyAt(hour: number, mode: "major" | "minor"): KeyName {
  const tonic = Array.from({ length: 12 }, (_, at) => at).find((at) => hourOf({ tonic: at, mode }) === hour) ?? 0;
  return { tonic, mode };
}

/** "A minor", "Am" when short; German says a-Moll, H for B and B for B♭. */
export function nameOfKey({ tonic, mode }: KeyName, { short = false, german = false }: { short?: boolean; german?: boolean } = {}): string {
  const note = (mode === "minor" ? MINOR : MAJOR)[tonic] ?? "";
  if (!german) return short ? note + (mode === "minor" ? "m" : "") : `${note} ${mode}`;
  const spelled = germanNote(note);
  if (short) return mode === "minor" ? spelled.toLowerCase() : spelled;
  return mode === "minor" ? `${spelled.toLowerCase()}-Moll` : `${spelled}-Dur`;
}

function germanNote(note: string): string {
  if (note === "B") return "H";
  if (note === "B♭") return "B";
  if (note === "E♭" || note === "A♭") return note === "E♭" ? "Es" : "As";
  return note.replace("♭", "es").replace("♯", "is");
}

/** How two keys go together: same, next to each other, relative, or none of these. */
export function relation(a: KeyName, b: KeyName): "same" | "neighbour" | "relative" | "far" {
  const steps = Math.abs(hourOf(a) - hourOf(b));
  const apart = Math.min(steps, 12 - steps);
  if (a.mode === b.mode) return apart === 0 ? "same" : apart === 1 ? "neighbour" : "far";
  return apart === 0 ? "relative" : "far";
}
