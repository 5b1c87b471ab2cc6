/** What somebody writes in a box that takes the query language: completions put in place, conditions taken out. */

import type { Tree } from "../playlist/builder";

/** One completion: `text` takes the place of `length` code points from `start`. */
export interface Completion { kind: "field" | "operator" | "value" | "keyword" | "clause"; text: string; label: string; detail: string; start: number; length: number }

/** Whether a text says more than words: a field, a quote, a group, or one of the language's own words. */
export const isQuery = (text: string): boolean => /[\p{L}\p{N}_.]+\s*:|["()]|(?:^|\s)(?:AND|OR|NOT)(?:\s|$)/u.test(text);

/** A text with a completion in it, and where one goes on writing. Places are code points, as the server counts. */
export function completed(text: string, one: Completion): { text: string; cursor: number } {
  const points = [...text];
  const before = points.slice(0, one.start).join("");
  const after = points.slice(one.start + one.length).join("");
  const open = one.kind === "value" || one.kind === "keyword" ? " " : "";
  const put = one.text + (open && !after.startsWith(" ") ? open : "");
  return { text: before + put + after, cursor: (before + put).length };
}

/** Code points before an offset in UTF-16 units. */
export const pointsBefore = (text: string, offset: number): number => [...text.slice(0, offset)].length;

/** The conditions that must all hold, as far as they can be shown one beside the other. */
export function conditions(tree: Tree): Tree[] {
  return tree.kind === "and" ? tree.parts : [tree];
}

/** The tree without one of the conditions that must hold. */
export function without(tree: Tree, at: number): Tree {
  return { kind: "and", parts: conditions(tree).filter((_, place) => place !== at) };
}
