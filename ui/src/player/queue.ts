/** The queue: what plays, in which order. Pure functions from one queue to the next. */

export interface Row<T> { key: string; track: T }
export type Repeat = "off" | "all" | "one";
export interface Queue<T> {
  rows: readonly Row<T>[];
  /** Index of the row that plays; -1 for an empty queue. */
  at: number;
  repeat: Repeat;
  /** The keys in their straight order while shuffled, else null. */
  straight: readonly string[] | null;
}

export const emptyQueue = <T>(repeat: Repeat = "off"): Queue<T> => ({ rows: [], at: -1, repeat, straight: null });

let made = 0;
const newKey = (): string => `${Date.now().toString(36)}-${(made += 1).toString(36)}`;
export const rowsOf = <T>(tracks: readonly T[]): Row<T>[] => tracks.map((track) => ({ key: newKey(), track }));

/** A queue of these tracks that starts at index `at`; shuffled around it where asked. */
export function startQueue<T>(queue: Queue<T>, tracks: readonly T[], at = 0, shuffled = queue.straight !== null, random: () => number = Math.random): Queue<T> {
  const rows = rowsOf(tracks);
  const fresh: Queue<T> = { rows, at: rows.length ? Math.min(Math.max(0, at), rows.length - 1) : -1, repeat: queue.repeat, straight: null };
  return shuffled ? shuffle(fresh, random) : fresh;
}

/** Puts tracks right after the one that plays. */
export function insertNext<T>(queue: Queue<T>, tracks: readonly T[]): Queue<T> {
  const rows = rowsOf(tracks);
  const here = queue.at + 1;
  const keys = rows.map((row) => row.key);
  const current = queue.rows[queue.at]?.key;
  const place = queue.straight && current ? queue.straight.indexOf(current) + 1 : 0;
  return {
    ...queue,
    rows: [...queue.rows.slice(0, here), ...rows, ...queue.rows.slice(here)],
    at: queue.at < 0 && rows.length ? 0 : queue.at,
    straight: queue.straight && [...queue.straight.slice(0, place), ...keys, ...queue.straight.slice(place)],
  };
}

/** Puts tracks at the end. */
export function append<T>(queue: Queue<T>, tracks: readonly T[]): Queue<T> {
  const rows = rowsOf(tracks);
  return {
    ...queue,
    rows: [...queue.rows, ...rows],
    at: queue.at < 0 && rows.length ? 0 : queue.at,
    straight: queue.straight && [...queue.straight, ...rows.map((row) => row.key)],
  };
}

/** Takes one row out. The one that plays moves on to what follows it. */
export function takeOut<T>(queue: Queue<T>, key: string): Queue<T> {
  const index = queue.rows.findIndex((row) => row.key === key);
  if (index < 0) return queue;
  const rows = queue.rows.filter((row) => row.key !== key);
  const at = index < queue.at ? queue.at - 1 : queue.at;
  return { ...queue, rows, at: Math.min(at, rows.length - 1), straight: queue.straight && queue.straight.filter((other) => other !== key) };
}

/** Moves a row to another index; the row that plays goes on playing. */
export function move<T>(queue: Queue<T>, from: number, to: number): Queue<T> {
  const row = queue.rows[from];
  const target = Math.min(Math.max(0, to), queue.rows.length - 1);
  if (!row || from === target) return queue;
  const playing = queue.rows[queue.at]?.key;
  const rows = queue.rows.filter((_, index) => index !== from);
  rows.splice(target, 0, row);
  return { ...queue, rows, at: rows.findIndex((other) => other.key === playing) };
}

/** Everything after the one that plays, taken away. */
export function clearRest<T>(queue: Queue<T>): Queue<T> {
  const row = queue.rows[queue.at];
  return row ? { ...queue, rows: [row], at: 0, straight: queue.straight && [row.key] } : emptyQueue(queue.repeat);
}

/** Shuffles (Fisher-Yates) with the row that plays in front; the straight order is remembered. */
export function shuffle<T>(queue: Queue<T>, random: () => number = Math.random): Queue<T> {
  const current = queue.rows[queue.at];
  const rest = queue.rows.filter((row) => row !== current);
  for (let last = rest.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [rest[last], rest[other]] = [rest[other] as Row<T>, rest[last] as Row<T>];
  }
  return { ...queue, rows: current ? [current, ...rest] : rest, at: current ? 0 : queue.at, straight: queue.straight ?? queue.rows.map((row) => row.key) };
}

/** Back to the straight order; what was added meanwhile keeps its place there. */
export function unshuffle<T>(queue: Queue<T>): Queue<T> {
  if (!queue.straight) return queue;
  const rank = new Map(queue.straight.map((key, index) => [key, index]));
  const playing = queue.rows[queue.at]?.key;
  const rows = [...queue.rows].sort((a, b) => (rank.get(a.key) ?? Infinity) - (rank.get(b.key) ?? Infinity));
  return { ...queue, rows, at: rows.findIndex((row) => row.key === playing), straight: null };
}

/** The index that plays next; -1 at the end. A person who presses "next" leaves a repeated track. */
export function following<T>(queue: Queue<T>, asked: boolean): number {
  if (!queue.rows.length) return -1;
  if (queue.repeat === "one" && !asked) return queue.at;
  if (queue.at + 1 < queue.rows.length) return queue.at + 1;
  return queue.repeat === "off" ? -1 : 0;
}

/** The index before the one that plays; -1 at the beginning. */
export function preceding<T>(queue: Queue<T>): number {
  if (queue.at > 0) return queue.at - 1;
  return queue.repeat === "all" && queue.rows.length ? queue.rows.length - 1 : -1;
}
