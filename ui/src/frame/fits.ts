/** Does a label fit what was typed? Every typed word must begin a word of the label, whatever its accents and case. */
export function fits(label: string, typed: string): boolean {
  const fold = (text: string) => text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLocaleLowerCase();
  const words = fold(label).split(/[^\p{L}\p{N}]+/u);
  return fold(typed).split(/\s+/).filter(Boolean).every((part) => words.some((word) => word.startsWith(part)));
}
