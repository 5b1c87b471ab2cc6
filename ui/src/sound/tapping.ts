/** The tempo of somebody who taps along: from the middle distance of the last taps. */

const MOST = 16;
const GIVE_UP_MS = 3_000;

export class Tapping {
  #taps: number[] = [];

  /** One more tap, at a moment in milliseconds. Returns beats a minute once there are four, else null. */
  tap(at: number): number | null {
    if (this.#taps.length && at - this.#taps[this.#taps.length - 1]! > GIVE_UP_MS) this.#taps = [];
    this.#taps = [...this.#taps, at].slice(-MOST);
    return this.bpm;
  }

  get count(): number { return this.#taps.length }

  get bpm(): number | null {
    if (this.#taps.length < 4) return null;
    const gaps = this.#taps.slice(1).map((tap, at) => tap - this.#taps[at]!).sort((a, b) => a - b);
    const middle = gaps[Math.floor(gaps.length / 2)]!;
    // Taps that were left out or doubled are counted as what they are.
    const steps = gaps.reduce((sum, gap) => sum + Math.max(1, Math.round(gap / middle)), 0);
    return (60_000 * steps) / (this.#taps[this.#taps.length - 1]! - this.#taps[0]!);
  }
}
