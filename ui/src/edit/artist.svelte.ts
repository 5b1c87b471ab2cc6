/** What an editor can do with an artist: edit, merge other spellings into one, part two of one name. */

import type { ArtistPage } from "../api/types";
import { dialogs } from "../frame/dialogs.svelte";
import { t } from "../i18n/index.svelte";
import type { MenuItem } from "../parts/menu.svelte";

class ArtistActs {
  merging = $state.raw<ArtistPage | null>(null);
  splitting = $state.raw<ArtistPage | null>(null);
}

export const artistActs = new ArtistActs();

export function artistEdits(artist: ArtistPage): MenuItem[] {
  return [
    { label: t.editArtist, icon: "pen", run: () => { dialogs.edit = { kind: "artist", id: artist.id, name: artist.name } }, line: true },
    { label: t.picture, icon: "wall", run: () => { dialogs.artwork = { kind: "artist", id: artist.id, name: artist.name } } },
    { label: t.mergeInto, icon: "copy", run: () => { artistActs.merging = artist }, line: true },
    { label: t.splitArtist, icon: "artists", run: () => { artistActs.splitting = artist } },
  ];
}
