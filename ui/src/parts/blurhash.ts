/** Decodes a blurhash into pixels. The format is described at github.com/woltapp/blurhash, "Algorithm.md". */

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";
const number83 = (text: string): number => [...text].reduce((value, digit) => value * 83 + DIGITS.indexOf(digit), 0);
const toLinear = (value: number): number => { const v = value / 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4 };
const toByte = (value: number): number => { const v = Math.min(1, Math.max(0, value)); return Math.round((v <= 0.0031308 ? v * 12.92 : 1.055 * v ** (1 / 2.4) - 0.055) * 255) };

/** RGBA bytes of a `width` by `height` picture, or null if the text is no blurhash. */
export function decodeBlurhash(hash: string, width: number, height: number): Uint8ClampedArray<ArrayBuffer> | null {
  if (hash.length < 6) return null;
  const size = number83(hash.slice(0, 1));
  const across = (size % 9) + 1;
  const down = Math.floor(size / 9) + 1;
  if (hash.length !== 4 + 2 * across * down) return null;
  const most = (number83(hash.slice(1, 2)) + 1) / 166;
  const average = number83(hash.slice(2, 6));
  const parts: [number, number, number][] = [[toLinear(average >> 16), toLinear((average >> 8) & 255), toLinear(average & 255)]];
  const signed = (value: number) => Math.sign(value - 9) * ((value - 9) / 9) ** 2 * most;
  for (let at = 1; at < across * down; at += 1) {
    const value = number83(hash.slice(4 + at * 2, 6 + at * 2));
    parts.push([signed(Math.floor(value / 361)), signed(Math.floor(value / 19) % 19), signed(value % 19)]);
  }
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      let r = 0; let g = 0; let b = 0;
      for (let j = 0; j < down; j += 1) {
        for (let i = 0; i < across; i += 1) {
          const weight = Math.cos((Math.PI * x * i) / width) * Math.cos((Math.PI * y * j) / height);
          const part = parts[i + j * across] as [number, number, number];
          r += part[0] * weight; g += part[1] * weight; b += part[2] * weight;
        }
      }
      pixels.set([toByte(r), toByte(g), toByte(b), 255], (y * width + x) * 4);
    }
  }
  return pixels;
}
