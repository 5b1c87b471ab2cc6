/** Going from one track over into the next: when, for how long, and at what pace. */

import { get } from "../api/request";
import { isHere } from "../api/base";
import type { components } from "../api/schema";
import type { Track } from "../api/types";
import { session } from "../data/session.svelte";
import type { Desk } from "./desk";

/** When the first goes out and where the second comes in, in milliseconds of each; `rate` is how fast the second plays meanwhile. */
export interface Plan { outMs: number; inMs: number; lengthMs: number; rate: number; swapMs: number | null }

/** What the server proposes along the two grids; a gap is no transition at all. */
type Proposed = Pick<components["schemas"]["TransitionAnswer"], "kind" | "out_ms" | "in_ms" | "length_ms" | "rate_to" | "bass_swap_at_ms">;

const SHORTEST_MS = 20_000;
/** How long the tempo takes to come back to its own after a transition. */
const EASE_MS = 8_000;
const STEP_MS = 250;

/** A plain fade over the last seconds; null where there is nothing to fade: short tracks, and an album in its own order. */
export function plainFade(from: Track, to: Track, seconds: number): Plan | null {
  const lengthMs = seconds * 1000;
  if (from.duration_ms < SHORTEST_MS || to.duration_ms < SHORTEST_MS || lengthMs <= 0 || follows(from, to)) return null;
  return { outMs: from.duration_ms - lengthMs, inMs: 0, lengthMs, rate: 1, swapMs: null };
}

/** Whether `to` comes right after `from` on the same disc: such a pair belongs together as it is. */
export const follows = (from: Track, to: Track): boolean =>
  from.album?.id === to.album?.id && (from.disc ?? 1) === (to.disc ?? 1) && from.position !== null && to.position === from.position + 1;

/** The plan for two tracks as the person wants it; null: one after the other. */
export async function planFor(from: Track, to: Track): Promise<Plan | null> {
  const { mixing, fadeS } = session.look;
  if (mixing === "off") return null;
  const plain = plainFade(from, to, fadeS);
  if (mixing === "fade" || !plain || !isHere(from.id) || !isHere(to.id)) return plain;
  try {
    const found = await get<Proposed>("analysis/transition", { from: from.id, to: to.id });
    if (found.kind === "gap") return null;
    return { outMs: found.out_ms, inMs: found.in_ms, lengthMs: found.length_ms, rate: found.rate_to, swapMs: found.bass_swap_at_ms };
  } catch { return plain }
}

/** One transition under way. */
export class Crossing {
  #timers: ReturnType<typeof setTimeout>[] = [];

  constructor(readonly from: HTMLAudioElement, readonly to: HTMLAudioElement, readonly desk: Desk, readonly done: () => void) {}

  start(plan: Plan, levels: { from: number; to: number }): void {
    this.to.preservesPitch = true;
    this.to.playbackRate = plan.rate;
    this.desk.cross(this.from, this.to, levels, plan.lengthMs / 1000, plan.swapMs === null ? null : plan.swapMs / 1000);
    this.#timers.push(setTimeout(() => this.end(), plan.lengthMs + 100));
    if (plan.rate !== 1) {
      for (let passed = STEP_MS; passed <= EASE_MS; passed += STEP_MS)
        this.#timers.push(setTimeout(() => { this.to.playbackRate = 1 + (plan.rate - 1) * (1 - passed / EASE_MS) }, plan.lengthMs + passed));
    }
  }

  /** The first one is silent now. */
  end(): void {
    this.from.pause();
    this.from.removeAttribute("src");
    this.from.playbackRate = 1;
    this.desk.flat(this.from);
    this.desk.flat(this.to);
    this.done();
  }

  /** Stops it where it is, as when somebody seeks or goes elsewhere. */
  cancel(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
    this.to.playbackRate = 1;
    this.end();
  }
}
