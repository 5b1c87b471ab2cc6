/** Plays put under the days they were heard on, by the clock of the one who heard them. */

export interface Heard { id: string; played_at: string; zone_offset_minutes: number }
export type Line<P extends Heard> = { day: string; count: number | null } | { play: P };

/** A moment as the clock on the wall showed it, written as if that were UTC. */
export const wall = (play: Heard): Date => new Date(new Date(play.played_at).getTime() + play.zone_offset_minutes * 60_000);

/** The day of a play, such as "2026-11-20". */
export const dayOf = (play: Heard): string => wall(play).toISOString().slice(0, 10);

/** Plays, the newest first, with a line above each day. A day says how many it has once all of it is here: the last one only where `whole`. */
export function byDay<P extends Heard>(plays: readonly P[], whole: boolean): Line<P>[] {
  const lines: Line<P>[] = [];
  let head = null as { day: string; count: number | null } | null;
  for (const play of plays) {
    const day = dayOf(play);
    if (head?.day !== day) { head = { day, count: 0 }; lines.push(head) }
    head.count = (head.count ?? 0) + 1;
    lines.push({ play });
  }
  if (head && !whole) head.count = null;
  return lines;
}
