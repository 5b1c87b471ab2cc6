/** Taking over the queues of one's other players, and taking one back that was replaced. */

import { get, post } from "../api/request";
import { tracksById } from "../api/tracks";
import type { SavedQueue, Track } from "../api/types";
import { changed } from "../data/store.svelte";
import { failed, say } from "../frame/toasts.svelte";
import { t } from "../i18n/index.svelte";
import { CLIENT, player } from "../player/player.svelte";
import type { QueueOf } from "./types";
import { o } from "./words";

/** What a queue is of, in words: a device, or whoever left the shared one last. */
export const whose = (queue: QueueOf): string => queue.device || (queue.changed_by === CLIENT ? o.thisBrowser : queue.changed_by || o.anotherPlayer);

/** The queues that this browser does not play: the one that was replaced here, and those that other players left. */
export function others(queues: readonly QueueOf[], device: string): { before: QueueOf | null; left: QueueOf[] } {
  const before = queues.find((queue) => queue.before && queue.device === device && queue.tracks > 0) ?? null;
  const left = queues.filter((queue) => !queue.before && queue.tracks > 0 && (queue.device !== device || queue.changed_by !== CLIENT));
  return { before, left };
}

/** Plays what a queue of another player has, from where that is. What was here can be taken back from the message. */
export const goOn = (queue: QueueOf): Promise<void> => swap(queue.device === player.device ? () => get<SavedQueue>("queue", { device: player.device }) : () => post<SavedQueue>("queue/take-over", { of: queue.device, device: player.device, client: CLIENT }), true, o.wentOn(whose(queue)));

/** Lets the queue and the one that it replaced change places. */
export const bringBack = (): Promise<void> => swap(() => post<SavedQueue>("queue/restore", { device: player.device, client: CLIENT }), player.playing, o.broughtBack);

async function swap(fetch: () => Promise<SavedQueue>, play: boolean, done: string): Promise<void> {
  const here = { queue: player.queue, positionMs: player.positionMs };
  try {
    await player.flush();
    const saved = await fetch();
    const known = await tracksById(saved.tracks);
    const tracks = saved.tracks.flatMap((id) => known.get(id) ?? []) as Track[];
    const current = saved.tracks[saved.current_index ?? 0];
    const at = tracks.findIndex((track) => track.id === current);
    player.adopt(tracks, Math.max(0, at), at >= 0 ? saved.position_ms : 0, play);
    say(done, here.queue.rows.length ? { action: { label: t.undo, run: () => player.bringBack(here.queue, here.positionMs) } } : {});
  } catch (error) { failed(t.couldNotLoad, error) }
  changed(new Set(["queue"]));
}
