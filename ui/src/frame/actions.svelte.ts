/** Everything that can be done from the keyboard: one list for the keys, the palette and the help sheet. */

import { isHere } from "../api/base";
import { pathOf } from "../router/paths";
import { selection } from "../parts/selection.svelte";
import { post } from "../api/request";
import { language, t } from "../i18n/index.svelte";
import { session } from "../data/session.svelte";
import { player } from "../player/player.svelte";
import { toggleStar } from "../data/marks.svelte";
import { rate } from "../data/marks.svelte";
import { router } from "../router/router.svelte";
import { routes } from "../router/routes";
import type { IconName } from "../parts/icons";
import { dialogs } from "./dialogs.svelte";
import { failed, say } from "./toasts.svelte";

export interface Action { id: string; label: string; group: "go" | "player" | "list" | "app"; icon: IconName; keys?: string[]; run: () => void; hidden?: boolean }

const go = (id: string, label: string, icon: IconName, path: string, key?: string): Action => ({ id, label, group: "go", icon, run: () => router.go(path), ...(key && { keys: [`g ${key}`] }) });

/** Starts a scan of every library. */
export async function scanNow(full = false): Promise<void> {
  try { await post("scan", full ? { full: true } : {}); say(t.scanStarted) } catch (error) { failed(t.scanFailed, error) }
}

/** Every action this person has. */
export function actions(): Action[] {
  void language.code;
  const playing = () => player.track;
  const all: Action[] = [
    go("home", t.home, "home", "/", "h"), go("albums", t.albums, "albums", "/albums", "a"), go("artists", t.artists, "artists", "/artists", "r"),
    go("tracks", t.tracks, "tracks", "/tracks", "t"), go("genres", t.genres, "genres", "/genres", "e"), go("labels", t.labels, "labels", "/labels", "l"), go("map", t.musicMap, "map", "/map", "m"), go("mixing", t.mixingDesk, "mixer", "/mixing", "x"),
    go("folders", t.folders, "folders", "/folders", "f"), go("catalogue", t.catalogue, "world", "/catalog", "c"), go("concerts", t.concerts, "stage", "/live", "o"), go("shows", t.myShows, "check", "/live/shows"), go("downloads", t.downloads, "fetch", "/live/downloads", "d"), go("playlists", t.playlists, "playlists", "/playlists", "p"), go("history", t.history, "history", "/history", "y"), go("statistics", t.statistics, "chart", "/statistics"), go("tags", t.ownTags, "tag", "/tags"), go("account", t.account, "user", "/account", "u"),
    go("libraries", t.libraries, "libraries", "/libraries", "i"), go("files", t.files, "files", "/files"), go("inbox", t.inbox, "down", "/inbox"), go("duplicates", t.duplicates, "copy", "/duplicates"), go("tag-rules", t.tagRules, "pen", "/tag-rules"), go("jobs", t.jobs, "jobs", "/jobs", "j"),
    go("settings", t.settings, "settings", "/settings", "s"), go("users", t.users, "users", "/users"), ...(session.admin ? [go("groups", t.groups, "users", "/users?show=groups"), go("audit", t.audit, "history", "/users?show=audit")] : []), ...(session.editor ? [go("edits", t.edits, "pen", "/edits")] : []),
    { id: "play", label: t.playPause, group: "player", icon: "play", keys: ["Space"], run: () => player.toggle() },
    { id: "next", label: t.nextTrack, group: "player", icon: "skip", keys: ["Shift+ArrowRight"], run: () => player.next() },
    { id: "previous", label: t.previousTrack, group: "player", icon: "back", keys: ["Shift+ArrowLeft"], run: () => player.previous() },
    { id: "forward", label: t.forward, group: "player", icon: "right", keys: ["ArrowRight"], run: () => player.skip(10_000) },
    { id: "backward", label: t.backward, group: "player", icon: "left", keys: ["ArrowLeft"], run: () => player.skip(-10_000) },
    { id: "louder", label: t.louder, group: "player", icon: "volume", keys: ["Shift+ArrowUp"], run: () => player.setVolume(player.volume + 0.05) },
    { id: "softer", label: t.softer, group: "player", icon: "volume", keys: ["Shift+ArrowDown"], run: () => player.setVolume(player.volume - 0.05) },
    { id: "mute", label: t.mute, group: "player", icon: "quiet", keys: ["m"], run: () => player.toggleMute() },
    { id: "shuffle", label: t.shuffle, group: "player", icon: "shuffle", keys: ["s"], run: () => { player.toggleShuffle(); say(player.shuffled ? t.shuffleOn : t.shuffleOff) } },
    { id: "repeat", label: t.repeat, group: "player", icon: "repeat", keys: ["r"], run: () => { player.cycleRepeat(); say(t[`repeat_${player.queue.repeat}`]) } },
    { id: "star", label: t.starPlaying, group: "player", icon: "star", keys: ["*"], run: () => { const track = playing(); if (track && isHere(track.id)) void toggleStar(track) } },
    ...[1, 2, 3, 4, 5].map((stars): Action => ({ id: `rate${stars}`, label: t.ratePlaying(stars), group: "player", icon: "star", keys: [`Alt+${stars}`], hidden: stars !== 5, run: () => { const track = playing(); if (track && isHere(track.id)) { void rate(track, stars); say(t.rated(track.title, stars)) } } })),
    { id: "queue", label: t.showQueue, group: "player", icon: "queue", keys: ["q"], run: () => { player.drawer = player.drawer === "queue" ? null : "queue" } },
    { id: "lyrics", label: t.showLyrics, group: "player", icon: "words", keys: ["w"], run: () => { player.drawer = player.drawer === "lyrics" ? null : "lyrics" } },
    { id: "full", label: t.fullPlayer, group: "player", icon: "albums", keys: ["v"], run: () => { if (player.track) player.full = !player.full } },
    { id: "album", label: t.goToPlaying, group: "player", icon: "albums", keys: ["g n"], run: () => { const album = playing()?.album; if (album) router.go(pathOf(album.id)) } },
    { id: "down", label: t.rowDown, group: "list", icon: "down", keys: ["j"], run: () => step(1) },
    { id: "up", label: t.rowUp, group: "list", icon: "up", keys: ["k"], run: () => step(-1) },
    { id: "filter", label: t.filterList, group: "list", icon: "filter", keys: ["f"], run: () => document.querySelector<HTMLInputElement>("[data-filter]")?.focus() },
    { id: "palette", label: t.palette, group: "app", icon: "search", keys: ["/", "Ctrl+k"], run: () => { dialogs.palette = true } },
    { id: "theme", label: t.switchTheme, group: "app", icon: "theme", keys: ["Shift+D"], run: () => switchTheme() },
    { id: "scan", label: t.scanNow, group: "app", icon: "again", run: () => void scanNow() },
    { id: "help", label: t.keyboardHelp, group: "app", icon: "info", keys: ["?"], run: () => { dialogs.help = true } },
    { id: "out", label: t.signOut, group: "app", icon: "out", run: () => void session.signOut() },
  ];
  const forAdmins = new Set([...routes.filter((route) => route.admin).map((route) => route.path.slice(1)), "scan"]);
  return all.filter((action) => session.admin || !forAdmins.has(action.id));
}

function switchTheme(): void {
  const dark = session.look.theme === "dark" || (session.look.theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  session.prefer({ theme: dark ? "light" : "dark" });
}

function step(by: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>("main [data-row]")];
  const here = rows.findIndex((row) => row === document.activeElement || row.contains(document.activeElement));
  const next = rows[here < 0 ? (by > 0 ? 0 : rows.length - 1) : here + by];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}

let waiting: { key: string; until: number } | null = null;

/** Runs what a key stands for. Keys typed into a field belong to the field. */
export function onKey(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  const inField = target.matches?.("input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable]");
  const control = event.ctrlKey || event.metaKey;
  if (inField && event.key === "Escape") { target.blur(); return }
  if (inField && !control) return;
  if (!control && (event.key === " " || event.key === "Enter") && target.closest("button, a, [role=menu], dialog, summary")) return;
  if (event.key.startsWith("Arrow") && target.closest("[role=slider], [role=radiogroup], [role=menu], [role=tablist], input[type=range], input[type=radio]")) return;
  const name = event.key === " " ? "Space" : event.key;
  const spelled = `${control ? "Ctrl+" : ""}${event.altKey ? "Alt+" : ""}${event.shiftKey && (name.length > 1 || /[A-Z]/.test(name)) ? "Shift+" : ""}${event.altKey && /^Digit/.test(event.code) ? event.code.slice(5) : name}`;
  const known = actions();
  if (waiting && Date.now() < waiting.until) {
    const pair = `${waiting.key} ${name}`;
    waiting = null;
    const found = known.find((action) => action.keys?.includes(pair));
    if (found) { event.preventDefault(); found.run(); return }
  }
  if (name === "g" && !control && !event.altKey) { waiting = { key: "g", until: Date.now() + 1200 }; return }
  if (name === "Escape") { if (selection.on) { selection.clear(); return } if (player.full) player.full = false; else if (player.drawer) player.drawer = null; return }
  const found = known.find((action) => action.keys?.includes(spelled));
  if (!found) return;
  event.preventDefault();
  found.run();
}
