/** Playing a recording: its tracks as the player knows tracks, from this server where they are here, else from the archive. */

import { SvelteMap } from "svelte/reactivity";
import { get } from "../api/request";
import { tracksById } from "../api/tracks";
import type { Track } from "../api/types";
import { failed } from "../frame/toasts.svelte";
import { t } from "../i18n/index.svelte";
import { player } from "../player/player.svelte";
import type { LiveTrack, RecordingPage } from "./types";
import { when } from "./said";

/** What plays now is this track of a recording, or the library's that came of it. */
export const playsNow = (track: Pick<LiveTrack, "id" | "library_track">): boolean => player.track?.id === track.id || (track.library_track !== null && player.track?.id === track.library_track);

/** Which recordings the tracks of the queue are of, as far as they were played from a concert: by the player's id of each. */
const origins = new SvelteMap<string, { recording: string; track: LiveTrack; concerts: string[] }>();

/** What plays now, if it is of a recording. */
export const origin = () => (player.track ? origins.get(player.track.id) : undefined);

/** The tracks of a recording in order. Throws Problem. */
export async function tracksOf(page: RecordingPage): Promise<Track[]> {
  const here = page.track_list.flatMap((track) => track.library_track ?? []);
  const known = here.length ? await tracksById(here) : new Map<string, Track>();
  const concerts = page.concerts.map((one) => one.id);
  return page.track_list.map((track) => {
    const playable = known.get(track.library_track ?? "") ?? asTrack(track, page);
    origins.set(playable.id, { recording: page.id, track, concerts });
    return playable;
  });
}

/** Plays a recording, from `track` on where one is said. */
export async function playRecording(id: string, track: string | null = null): Promise<void> {
  try {
    const page = await get<RecordingPage>(`live/recordings/${id}`);
    const tracks = await tracksOf(page);
    const at = track ? page.track_list.findIndex((one) => one.id === track) : 0;
    player.playTracks(tracks, Math.max(0, at));
  } catch (error) { failed(t.couldNotLoad, error) }
}

function asTrack(track: LiveTrack, page: RecordingPage): Track {
  const concert = page.concerts[0];
  const artist = concert?.artist ?? page.artist;
  return {
    id: track.id, title: track.title || String(track.number), duration_ms: track.duration_ms ?? 0, position: track.number, disc: 1,
    artists: artist ? [{ artist: { id: artist.id, name: artist.name }, role: "artist", credited_as: null, join_phrase: "" }] : [],
    album: concert ? { id: concert.id, title: `${when(concert)}${concert.venue ? ` · ${concert.venue.name}` : ""}` } : { id: page.id, title: page.title },
    artwork: null, genres: [], year: Number(page.date.slice(0, 4)) || null, file: null, bpm: null, key: null, has_lyrics: false, missing: false, problem: null, starred_at: null, rating: null, hated_at: null,
  } as unknown as Track;
}
