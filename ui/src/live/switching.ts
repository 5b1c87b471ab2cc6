/** Going on with another tape of the same night in the middle of a song. */

import { get, post } from "../api/request";
import type { components } from "../api/schema";
import { failed, say } from "../frame/toasts.svelte";
import { t } from "../i18n/index.svelte";
import { player } from "../player/player.svelte";
import { origin, tracksOf } from "./playing";
import type { RecordingPage } from "./types";
import { l } from "./words";

type Alignment = components["schemas"]["AlignmentItem"];
type Place = components["schemas"]["AlignedPlaceAnswer"];
const LOOK_MS = 1_500;
const PATIENCE_MS = 90_000;

/** Whether a song of this concert plays from another tape than `recording`. */
export function maySwitch(concert: string, recording: string): boolean {
  const now = origin();
  return now !== undefined && now.concerts.includes(concert) && now.recording !== recording;
}

/** Plays the same song from `recording`: at the same moment where the two tapes were laid over one another, else from its beginning, and says so. */
export async function switchTo(recording: string): Promise<void> {
  const now = origin();
  if (!now) return;
  try {
    const page = await get<RecordingPage>(`live/recordings/${recording}`);
    const songs = new Set(now.track.heard.flatMap((one) => one.song?.id ?? []));
    const at = page.track_list.findIndex((track) => track.heard.some((one) => one.song && songs.has(one.song.id)));
    const target = page.track_list[at];
    if (!target) { say(l.notHere); return }
    const tracks = await tracksOf(page);
    const moment = target.library_track && now.track.library_track ? await placeIn(now.track.id, target.id) : null;
    if (origin()?.track.id !== now.track.id) return; // the music went on meanwhile
    if (moment === null) say(l.notAligned);
    player.adopt(tracks, at, moment === null ? 0 : moment(player.positionMs), player.playing);
  } catch (error) { failed(t.couldNotLoad, error) }
}

/** Where a moment of one track is in another, as a function; null where nobody can say. Waits for the job that finds out. */
async function placeIn(from: string, to: string): Promise<((position: number) => number) | null> {
  let found = await post<Alignment>("live/alignments", { from, to });
  const until = Date.now() + PATIENCE_MS;
  if (found.state === "working") say(l.aligning);
  while (found.state === "working" && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    found = await get<Alignment>("live/alignments", { from, to });
  }
  if (found.state !== "aligned") return null;
  const asked = player.positionMs;
  const place = await get<Place>("live/alignments/position", { from, to, position_ms: Math.round(asked) });
  const there = place.position_ms;
  return there === null ? null : (position) => Math.max(0, there + (position - asked) * place.ratio);
}
