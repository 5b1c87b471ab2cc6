/** Tracks that were chosen in a table, to do something with all of them. Leaving the page forgets them. */

import type { Track } from "../api/types";

class Selection {
  tracks = $state.raw<readonly Track[]>([]);
  #last: Track | null = null;

  get on(): boolean { return this.tracks.length > 0 }
  has(track: Track): boolean { return this.tracks.some((one) => one.id === track.id) }

  /** Ctrl takes one more or one less; Shift takes everything from the last one on, in the order of `shown`. */
  take(track: Track, shown: readonly Track[], { range = false } = {}): void {
    const from = range && this.#last ? shown.findIndex((one) => one.id === this.#last?.id) : -1;
    const to = shown.findIndex((one) => one.id === track.id);
    if (from >= 0 && to >= 0) {
      const more = shown.slice(Math.min(from, to), Math.max(from, to) + 1).filter((one) => one && !this.has(one));
      this.tracks = [...this.tracks, ...more];
    } else if (this.has(track)) this.tracks = this.tracks.filter((one) => one.id !== track.id);
    else this.tracks = [...this.tracks, track];
    this.#last = track;
  }
  clear(): void { this.tracks = []; this.#last = null }
}

export const selection = new Selection();
