/** Peaks of tracks, as the server keeps them; the last few are remembered. */

import { get, Problem } from "../api/request";
import type { components } from "../api/schema";
import type { Peaks } from "./bars";

type Answer = components["schemas"]["AnalysisWaveformAnswer"];
const KEPT = 24;
const kept = new Map<string, Promise<Peaks | null>>();

const peaksOf = (answer: Answer): Peaks => ({ sampleRate: answer.sample_rate, samplesPerPixel: answer.samples_per_pixel, pairs: Int8Array.from(answer.data), bands: answer.bands ? Uint8Array.from(answer.bands) : null });

/** The waveform of a track in about so many pixels; null while nobody has listened to it. */
export function peaksFor(track: string, pixels: number): Promise<Peaks | null> {
  const name = `${track} ${pixels}`;
  let found = kept.get(name);
  if (!found) {
    found = get<Answer>(`analysis/tracks/${track}/waveform`, { format: "json", pixels, bands: true }).then(peaksOf, (error: unknown) => { if (error instanceof Problem) { kept.delete(name); return null } throw error });
    kept.set(name, found);
    if (kept.size > KEPT) kept.delete(kept.keys().next().value as string);
  }
  return found;
}

/** Forgets a track's, as after it was heard again. */
export function forgetPeaks(track: string): void { for (const name of kept.keys()) if (name.startsWith(`${track} `)) kept.delete(name) }
