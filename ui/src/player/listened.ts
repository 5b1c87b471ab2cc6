/** When a play counts. */

const ENOUGH_MS = 4 * 60 * 1000;
const LONGER_THAN_MS = 30_000;

/**
 * The listening time after which a play counts: half of the track or four minutes, whichever comes first, of a track that is longer than
 * 30 seconds (the Last.fm scrobbling rule, as `listening/counting.py` has it); Infinity where it never does.
 */
export const countsAfter = (durationMs: number): number =>
  !durationMs ? ENOUGH_MS : durationMs <= LONGER_THAN_MS ? Infinity : Math.min(durationMs / 2, ENOUGH_MS);

/** Adds up what was really heard, from positions reported while playing; jumps by seeking do not count. */
export class Listened {
  heardMs = 0;
  #last: number | null = null;

  /** Hears on up to a position; more than two seconds at once is a jump. */
  at(positionMs: number): void {
    if (this.#last !== null) {
      const step = positionMs - this.#last;
      if (step > 0 && step < 2000) this.heardMs += step;
    }
    this.#last = positionMs;
  }
}
