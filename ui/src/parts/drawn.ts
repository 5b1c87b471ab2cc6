/** A cover for an album that has none: five kinds of picture, always the same for the same title. */

import { seedOf } from "./hue";

/** Numbers in [0, 1) from a seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** The inside of an SVG with viewBox 0 0 200 200. */
export function drawnCover(title: string, hue: number = seedOf(title) % 360): string {
  const next = random(seedOf(title) ^ 0x5e6e);
  const between = (low: number, high: number) => low + next() * (high - low);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(next() * of.length)] as T;
  const color = (light: number, chroma: number, turn = 0) => `oklch(${light}% ${chroma} ${(hue + turn + 360) % 360})`;
  const each = (count: number, draw: (at: number) => string) => Array.from({ length: count }, (_, at) => draw(at)).join("");
  const round = (value: number) => Math.round(value * 10) / 10;
  const kind = pick(["arcs", "bars", "dots", "hills", "sun"] as const);
  const ground = `<rect width="200" height="200" fill="${color(pick([22, 34, 82, 90]), 0.06)}"/>`;
  switch (kind) {
    case "arcs": {
      const x = pick([0, 200]);
      return ground + each(7, (at) => `<circle cx="${x}" cy="200" r="${210 - at * 26}" fill="none" stroke="${color(44 + at * 6, 0.13, at * 9)}" stroke-width="13"/>`);
    }
    case "bars":
      return ground + each(10, (at) => { const y = round(between(10, 150)); return `<rect x="${at * 20 + 3}" y="${y}" width="14" height="${200 - y}" fill="${color(round(between(40, 78)), 0.14, round(between(-30, 40)))}"/>` });
    case "dots": {
      const turn = between(0, 6);
      return ground + each(36, (at) => { const x = at % 6; const y = Math.floor(at / 6); return `<circle cx="${20 + x * 32}" cy="${20 + y * 32}" r="${round(2 + 11 * Math.abs(Math.sin(x * 1.3 + y * 0.9 + turn)))}" fill="${color(62, 0.15, (x + y) * 6)}"/>` });
    }
    case "hills":
      return ground + each(5, (at) => `<path d="M0 ${90 + at * 24}Q50 ${round(60 + at * 24 + between(-20, 20))} 100 ${95 + at * 22}T200 ${85 + at * 24}V200H0Z" fill="${color(72 - at * 11, 0.11, at * 7)}"/>`);
    case "sun":
      return `${ground}<circle cx="${round(between(60, 140))}" cy="${round(between(70, 120))}" r="54" fill="${color(70, 0.17, 20)}"/><rect y="128" width="200" height="72" fill="${color(38, 0.1)}"/>`
        + each(6, (at) => `<rect x="${round(between(0, 150))}" y="${134 + at * 11}" width="${round(between(30, 90))}" height="3" fill="${color(72, 0.14, 20)}"/>`);
  }
}
