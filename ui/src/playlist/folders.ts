/** Folders as a tree, and the way from the top to one of them. */

import type { Folder } from "./types";

/** All folders in the order of a tree, each with how deep it lies. */
export function inTree(folders: readonly Folder[]): { folder: Folder; depth: number }[] {
  const found: { folder: Folder; depth: number }[] = [];
  const below = (parent: string | null, depth: number): void => {
    for (const folder of folders) if (folder.parent_id === parent) { found.push({ folder, depth }); if (depth < 12) below(folder.id, depth + 1) }
  };
  below(null, 0);
  return found;
}

/** The folders from the top down to this one. */
export function wayTo(folders: readonly Folder[], id: string | null): Folder[] {
  const way: Folder[] = [];
  for (let at = folders.find((one) => one.id === id); at && way.length < 12; at = folders.find((one) => one.id === at?.parent_id)) way.unshift(at);
  return way;
}
