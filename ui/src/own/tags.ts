/** Asking for what bears a tag, and finding tags by a few letters. */

import { fold } from "../parts/fold";

/** A tag as the query language asks for it. */
export const asksFor = (name: string): string => `tagged:"${name.replace(/[\\"]/g, "\\$&")}"`;

/** The page that lists what bears a tag. */
export const whereTagged = (kind: "tracks" | "albums" | "artists", name: string): string => `/${kind}?q=${encodeURIComponent(asksFor(name))}`;

/** Tags that fit what is typed and are not worn yet: those that begin so first. */
export function offered<T extends { name: string }>(tags: readonly T[], typed: string, worn: readonly { name: string }[], most = 8): T[] {
  const words = fold(typed.trim());
  const taken = new Set(worn.map((tag) => fold(tag.name)));
  const fits = tags.filter((tag) => fold(tag.name).includes(words) && !taken.has(fold(tag.name)));
  const begins = (tag: T): number => (fold(tag.name).startsWith(words) ? 0 : 1);
  return fits.sort((a, b) => begins(a) - begins(b)).slice(0, most);
}
