/** What anybody can say of a track, an album or an artist for themselves, as items of the menu. */

import type { Artist, Marks } from "../api/types";
import { isHated, isStarred, toggleHate, toggleStar } from "../data/marks.svelte";
import { dialogs } from "../frame/dialogs.svelte";
import { t } from "../i18n/index.svelte";
import type { MenuItem } from "../parts/menu.svelte";

export function ownItems(item: Marks & { id: string }, name: string): MenuItem[] {
  return [
    { label: t.tagsMenu, icon: "tag", run: () => { dialogs.tags = { things: [item.id], name } } },
    { label: isHated(item) ? t.mayPlay : t.dontPlay, icon: "not", run: () => void toggleHate(item, name) },
  ];
}

/** Menu of one artist, where there is only a card. */
export function artistItems(artist: Artist): MenuItem[] {
  const starred = isStarred(artist);
  return [{ label: starred ? t.unstar : t.star, icon: starred ? "starred" : "star", run: () => void toggleStar(artist) }, ...ownItems(artist, artist.name)];
}
