/** A waveform as bars: how loud and of which bands, from the peaks that the server keeps. */

/** What is drawn at one place: each 0 to 1. */
export interface Bar { peak: number; low: number; mid: number; high: number }

/** Peaks as the server keeps them: pairs of least and greatest sample (-128 to 127), and three bands (0 to 255) a pair. */
export interface Peaks { sampleRate: number; samplesPerPixel: number; pairs: Int8Array; bands: Uint8Array | null }

/** Milliseconds that the peaks reach over. */
export const lengthOf = (peaks: Peaks): number => ((peaks.pairs.length / 2) * peaks.samplesPerPixel * 1000) / peaks.sampleRate;

/** `count` bars from one moment to another (milliseconds). Beyond the end they are silent. */
export function barsOf(peaks: Peaks, count: number, fromMs = 0, toMs = lengthOf(peaks)): Bar[] {
  const pairs = peaks.pairs.length / 2;
  const scale = peaks.sampleRate / peaks.samplesPerPixel / 1000;
  const bars: Bar[] = [];
  for (let at = 0; at < count; at += 1) {
    const first = Math.floor((fromMs + ((toMs - fromMs) * at) / count) * scale);
    const last = Math.max(first + 1, Math.floor((fromMs + ((toMs - fromMs) * (at + 1)) / count) * scale));
    bars.push(barOver(peaks, Math.max(0, first), Math.min(pairs, last)));
  }
  return bars;
}

/** How much of each band the eye should see: the ear finds low notes as loud as high ones only where they are much stronger. */
const EYE = [1.3, 0.85, 0.75];

function barOver({ pairs, bands }: Peaks, first: number, last: number): Bar {
  if (last <= first) return { peak: 0, low: 0, mid: 0, high: 0 };
  const sums = [0, 0, 0];
  let peak = 0;
  let mean = 0;
  for (let at = first; at < last; at += 1) {
    const here = Math.max(-(pairs[2 * at] ?? 0), pairs[2 * at + 1] ?? 0);
    peak = Math.max(peak, here);
    mean += here;
    if (bands) for (let band = 0; band < 3; band += 1) sums[band]! += (bands[3 * at + band] ?? 0) * EYE[band]!;
  }
  const count = last - first;
  const height = (0.5 * peak + (0.5 * mean) / count) / 128;
  const strongest = Math.max(...sums, 1);
  const part = (band: number) => (bands ? (height * sums[band]!) / strongest : 0);
  return bands ? { peak: height, low: part(0), mid: part(1), high: part(2) } : { peak: height, low: height, mid: 0, high: 0 };
}
