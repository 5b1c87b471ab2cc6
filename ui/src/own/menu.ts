/** What anybody can say of a track, an album or an artist for themselves, as items of the menu. */

import type { Marks } from "../api/types";
import { isHated, toggleHate } from "../data/marks.svelte";
import { dialogs } from "../frame/dialogs.svelte";
import { t } from "../i18n/index.svelte";
import type { MenuItem } from "../parts/menu.svelte";

export function ownItems(item: Marks & { id: string }, name: string): MenuItem[] {
  return [
    { label: t.tagsMenu, icon: "tag", run: () => { dialogs.tags = { things: [item.id], name } } },
    { label: isHated(item) ? t.mayPlay : t.dontPlay, icon: "not", run: () => void toggleHate(item, name) },
  ];
}
