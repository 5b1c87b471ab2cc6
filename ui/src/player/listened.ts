/** When a play counts. */

const ENOUGH_MS = 4 * 60 * 1000;

/** The listening time after which a play counts: half of the track or four minutes, whichever comes first (the Last.fm scrobbling rule). */
export const countsAfter = (durationMs: number): number => Math.min(durationMs / 2, ENOUGH_MS);

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
