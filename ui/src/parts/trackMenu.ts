/** What can be done with tracks and albums, as items of the menu. */

import { isHere } from "../api/base";
import { get } from "../api/request";
import type { Album, AlbumPage, Track } from "../api/types";
import { isStarred, rate, ratingOf, toggleStar } from "../data/marks.svelte";
import { failed } from "../frame/toasts.svelte";
import { t } from "../i18n/index.svelte";
import { player } from "../player/player.svelte";
import { session } from "../data/session.svelte";
import { dialogs } from "../frame/dialogs.svelte";
import { mainCredits } from "./credits";
import { ownItems } from "../own/menu";
import { pathOf } from "../router/paths";
import { selection } from "./selection.svelte";
import type { MenuItem } from "./menu.svelte";

/** Menu of one track; `more` is put at its end. */
export function trackItems(track: Track, more: MenuItem[] = []): MenuItem[] {
  const artists = mainCredits(track.artists);
  return [
    { label: t.playNext, icon: "next", run: () => player.addNext([track]) },
    { label: t.addToQueue, icon: "queue", run: () => player.addLast([track]) },
    ...(isHere(track.id) ? markItems(track) : []),
    ...(track.album ? [{ label: t.goToAlbum, icon: "albums" as const, href: pathOf(track.album.id), line: true }] : []),
    ...artists.slice(0, 3).map((credit, at) => ({ label: artists.length > 1 ? credit.artist.name : t.goToArtist, icon: "artists" as const, href: pathOf(credit.artist.id), line: at === 0 && !track.album })),
    ...(isHere(track.id) ? knownItems(track) : []),
    ...more,
  ];
}

function markItems(track: Track): MenuItem[] {
  return [
    { label: t.addToPlaylist, icon: "plus", run: () => dialogs.addToPlaylist([track]) },
    { label: isStarred(track) ? t.unstar : t.star, icon: isStarred(track) ? "starred" : "star", run: () => void toggleStar(track), line: true },
    ...(ratingOf(track) ? [{ label: t.clearRating, icon: "close" as const, run: () => void rate(track, 0) }] : []),
    ...ownItems(track, track.title),
  ];
}

async function playAlike(track: Track): Promise<void> {
  try {
    const { items } = await get<{ items: { track: Track }[] }>("analysis/similar/tracks", { id: track.id, limit: 40 });
    player.playTracks([track, ...items.map((one) => one.track)], 0);
  } catch (error) { failed(t.couldNotLoad, error) }
}

function knownItems(track: Track): MenuItem[] {
  return [
    { label: t.playAlike, icon: "sound", run: () => void playAlike(track), line: true },
    { label: t.sound, icon: "jobs", href: pathOf(track.id) },
    ...(session.editor ? [{ label: t.edit, icon: "pen" as const, run: () => { dialogs.edit = { kind: "track", id: track.id, name: track.title } }, line: true }] : []),
    { label: t.choose, icon: "check", run: () => selection.take(track, []) },
    { label: t.details, icon: "info", run: () => dialogs.showTrack(track) },
  ];
}

/** The tracks of an album in playing order, or null with a message if they cannot be had. */
export async function albumTracks(id: string): Promise<Track[] | null> {
  try {
    const page = await get<AlbumPage>(`albums/${id}`);
    return page.discs.flatMap((disc) => disc.tracks).filter((track) => !track.missing);
  } catch (error) { failed(t.couldNotLoad, error); return null }
}

async function withTracks(album: Album, act: (tracks: Track[]) => void): Promise<void> {
  const tracks = await albumTracks(album.id);
  if (tracks?.length) act(tracks);
}

export const playAlbum = (album: Album, shuffled = false): Promise<void> => withTracks(album, (tracks) => player.playTracks(tracks, null, shuffled));

/** Menu of one album. */
export function albumItems(album: Album): MenuItem[] {
  return [
    { label: t.play, icon: "play", run: () => void playAlbum(album) },
    { label: t.shuffle, icon: "shuffle", run: () => void playAlbum(album, true) },
    { label: t.playNext, icon: "next", run: () => void withTracks(album, (tracks) => player.addNext(tracks)) },
    { label: t.addToQueue, icon: "queue", run: () => void withTracks(album, (tracks) => player.addLast(tracks)) },
    { label: t.addToPlaylist, icon: "plus", run: () => void withTracks(album, (tracks) => dialogs.addToPlaylist(tracks)) },
    { label: isStarred(album) ? t.unstar : t.star, icon: isStarred(album) ? "starred" : "star", run: () => void toggleStar(album), line: true },
    ...ownItems(album, album.title),
    ...mainCredits(album.artists).slice(0, 3).map((credit) => ({ label: credit.artist.name, icon: "artists" as const, href: `/artists/${credit.artist.id}` })),
    ...(session.editor ? albumEdits(album) : []),
  ];
}

/** What an editor can do with an album. */
export function albumEdits(album: Album): MenuItem[] {
  return [
    { label: t.editAlbum, icon: "pen", run: () => { dialogs.edit = { kind: "album", id: album.id, name: album.title } }, line: true },
    { label: t.picture, icon: "wall", run: () => { dialogs.artwork = { kind: "album", id: album.id, name: album.title } } },
    { label: t.whyOneShort, icon: "info", run: () => { dialogs.why = { id: album.id, name: album.title } } },
    { label: t.editItsTracks, icon: "tracks", run: () => { dialogs.bulk = { kind: "track", name: album.title, count: album.track_count, filter: { album: album.id } } } },
  ];
}
