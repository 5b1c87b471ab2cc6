/** Musical keys on the Camelot wheel, whose number gives their colour. */

const major = ["B", "F#", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E"];
const minor = ["Abm", "Ebm", "Bbm", "Fm", "Cm", "Gm", "Dm", "Am", "Em", "Bm", "F#m", "Dbm"];
const same: Record<string, string> = { "G#m": "Abm", "D#m": "Ebm", "A#m": "Bbm", "C#m": "Dbm", Gbm: "F#m", Gb: "F#", "C#": "Db", "G#": "Ab", "D#": "Eb", "A#": "Bb", Cb: "B" };

/** The Camelot name of a key such as "Am", "F# minor" or "8A"; null if it is none. */
export function camelot(key: string): { number: number; letter: "A" | "B" } | null {
  const wheel = /^(1[0-2]|0?[1-9])([AB])$/i.exec(key.trim());
  if (wheel) return { number: Number(wheel[1]), letter: (wheel[2] as string).toUpperCase() as "A" | "B" };
  const spelled = /^([A-G])([#♯b♭]?)\s*(m|min|minor|maj|major)?$/i.exec(key.trim());
  if (!spelled) return null;
  const sign = (spelled[2] ?? "").replace("♯", "#").replace("♭", "b");
  const isMinor = /^m(in)?/i.test(spelled[3] ?? "") && !/^maj/i.test(spelled[3] ?? "");
  const name = (spelled[1] as string).toUpperCase() + sign + (isMinor ? "m" : "");
  const found = (isMinor ? minor : major).indexOf(same[name] ?? name);
  return found < 0 ? null : { number: found + 1, letter: isMinor ? "A" : "B" };
}
