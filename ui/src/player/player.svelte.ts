/** The player: one queue, two audio elements (the next track is ready in the second one), and what the server should know of it. */

import { isHere, streamUrl } from "../api/base";
import { get, post, request } from "../api/request";
import { tracksById } from "../api/tracks";
import type { SavedQueue, Track } from "../api/types";
import { isHated, isUnwanted, loadUnwanted } from "../data/marks.svelte";
import { session } from "../data/session.svelte";
import { say } from "../frame/toasts.svelte";
import { t } from "../i18n/index.svelte";
import { Crossing, planFor, type Plan } from "./crossing";
import { Desk } from "./desk";
import { factorOf, gainDb } from "./levels";
import { countsAfter, Listened } from "./listened";
import { append, clearRest, emptyQueue, following, insertNext, move, preceding, shuffle, startQueue, takeOut, unshuffle, type Queue, type Repeat } from "./queue";

const PRELOAD_MS = 20_000;
const RESTART_MS = 4_000;
const SAVE_MS = 2_500;
const LONGEST_QUEUE = 2_000;
/** What the web app calls itself to the server. */
export const CLIENT = "Segue web";

class Player {
  queue = $state.raw<Queue<Track>>(emptyQueue());
  playing = $state(false);
  /** The music was asked for, but the bytes are not here yet. */
  waiting = $state(false);
  positionMs = $state(0);
  bufferedMs = $state(0);
  #realDuration = $state(0);
  volume = $state(1);
  muted = $state(false);
  drawer = $state<"queue" | "lyrics" | null>(null);
  full = $state(false);

  /** Whose queue it keeps: "" is the one that all players of the person share, else the name of this browser. */
  device = $state("");

  #now!: HTMLAudioElement;
  #spare!: HTMLAudioElement;
  #listened = new Listened();
  #startedAt = "";
  #reported = false;
  #failures = 0;
  #saveTimer: ReturnType<typeof setTimeout> | undefined;
  #keptAt = 0;
  #ready = false;
  #desk: Desk | null = null;
  #crossing: Crossing | null = null;
  /** How the present track goes over into the next: asked for once a pair. */
  #plan: { pair: string; plan: Plan | null } | null = null;

  get track(): Track | null { return this.queue.rows[this.queue.at]?.track ?? null }
  get durationMs(): number { return this.#realDuration || this.track?.duration_ms || 0 }
  get shuffled(): boolean { return this.queue.straight !== null }
  get hasNext(): boolean { return following(this.queue, true) >= 0 }

  /** Takes up the queue of this browser, else the one the server keeps. */
  async start(): Promise<void> {
    if (this.#ready) return;
    this.#ready = true;
    void loadUnwanted();
    if (!this.#now) {
      this.#now = this.#element();
      this.#spare = this.#element();
      addEventListener("pagehide", () => this.#leave());
    }
    this.volume = session.look.volume ?? 1;
    this.#applyVolume();
    this.device = localStorage.getItem(this.#name("device")) ?? "";
    const kept = this.#kept();
    if (kept) {
      this.queue = kept.queue;
      this.#load(kept.positionMs);
      if (kept.playing) void this.play();
    } else {
      const saved = await get<SavedQueue>("queue", { device: this.device }).catch(() => null);
      if (saved?.tracks.length) await this.#takeUp(saved);
    }
  }

  async #takeUp(saved: SavedQueue): Promise<void> {
    const known = await tracksById(saved.tracks.slice(0, LONGEST_QUEUE)).catch(() => new Map<string, Track>());
    if (this.track || !known.size) return;
    const current = saved.tracks[saved.current_index ?? 0];
    const present = saved.tracks.filter((id) => known.has(id));
    const at = current ? present.indexOf(current) : 0;
    this.queue = startQueue(emptyQueue<Track>(), present.map((id) => known.get(id) as Track), Math.max(0, at), false);
    this.#load(at >= 0 ? saved.position_ms : 0);
  }

  /** Stops and forgets the queue, as after signing out. */
  stop(): void {
    if (!this.#ready) return;
    this.#ready = false;
    clearTimeout(this.#saveTimer);
    this.#now.pause();
    this.queue = emptyQueue();
    this.playing = false;
    for (const audio of [this.#now, this.#spare]) audio.removeAttribute("src");
  }

  /** Plays these tracks from index `at`. What the person does not want to hear is left out, by itself or with its album or artist, unless it is the very track at `at`, or all there is. */
  playTracks(given: readonly Track[], at: number | null = null, shuffled = false): void {
    const chosen = at === null || shuffled ? null : given[at];
    const passes = [isUnwanted, isHated].map((unwanted) => given.filter((track) => track === chosen || !unwanted(track)));
    const tracks = passes.find((wanted) => wanted.length > (chosen ? 1 : 0)) ?? given;
    this.#playFrom(tracks, chosen ? Math.max(0, tracks.indexOf(chosen)) : 0, shuffled);
  }

  #playFrom(tracks: readonly Track[], at: number, shuffled: boolean): void {
    const playable = tracks.slice(0, LONGEST_QUEUE + at).slice(Math.max(0, at - LONGEST_QUEUE / 2));
    const shift = tracks.length > playable.length ? Math.max(0, at - LONGEST_QUEUE / 2) : 0;
    if (!playable.length) return;
    const first = shuffled ? Math.floor(Math.random() * playable.length) : at - shift;
    this.#change(startQueue({ ...this.queue, straight: null }, playable, first, shuffled));
    this.#load(0);
    void this.play();
  }

  addNext(tracks: readonly Track[]): void { this.#add(insertNext(this.queue, tracks)); say(t.addedNext(tracks.length)) }
  addLast(tracks: readonly Track[]): void { this.#add(append(this.queue, tracks)); say(t.addedLast(tracks.length)) }

  #add(queue: Queue<Track>): void {
    const first = this.queue.at < 0;
    this.#change(queue);
    if (first) this.#load(0);
  }

  remove(key: string): void {
    const before = this.queue.rows[this.queue.at]?.key;
    this.#change(takeOut(this.queue, key));
    if (before === key) { const going = this.playing; this.#load(0); if (going && this.track) void this.play(); else this.playing = false }
  }
  move(from: number, to: number): void { this.#change(move(this.queue, from, to)) }
  clear(): void { this.#change(clearRest(this.queue)) }

  /** Takes up a queue that was kept elsewhere, at a place in one of its tracks. */
  adopt(tracks: readonly Track[], at: number, positionMs: number, play: boolean): void {
    this.bringBack(startQueue({ ...this.queue, straight: null }, tracks.slice(0, LONGEST_QUEUE), at, false), positionMs, play);
  }

  /** Puts a whole queue in the place of the present one. */
  bringBack(queue: Queue<Track>, positionMs: number, play = this.playing): void {
    this.#change(queue);
    this.#load(positionMs);
    if (play && this.track) void this.play(); else this.pause();
  }

  /** Saves now what would be saved soon. */
  async flush(): Promise<void> { if (this.#saveTimer !== undefined) await this.#save(false) }

  /** From now on keeps the queue of this browser under a name of its own, or ("") the one that all players share. */
  async keepAs(device: string): Promise<void> {
    await this.flush();
    this.device = device;
    localStorage.setItem(this.#name("device"), device);
    await this.#save(false);
  }

  /** Plays the row at an index of the queue. */
  jump(index: number): void {
    if (!this.queue.rows[index]) return;
    this.#change({ ...this.queue, at: index });
    this.#load(0);
    void this.play();
  }

  async play(): Promise<void> {
    if (!this.track) return;
    if (!this.#now.src) this.#load(this.positionMs);
    this.playing = true;
    this.#applyVolume();
    void this.#desk?.wake();
    try { await this.#now.play() } catch (error) {
      // The browser lets a page play only after one touched it; a track that was left meanwhile is no failure either.
      if (error instanceof DOMException && error.name === "NotAllowedError") this.playing = false;
    }
  }
  pause(): void { this.#crossing?.cancel(); this.#now.pause(); this.playing = false; this.#keep(true); this.#saveSoon() }
  toggle(): void { if (this.playing) this.pause(); else void this.play() }

  next(): void {
    const index = following(this.queue, true);
    if (index >= 0) this.jump(index);
  }
  /** Back to the beginning of the track, or to the one before if it has only just begun. */
  previous(): void {
    const index = preceding(this.queue);
    if (this.positionMs > RESTART_MS || index < 0) this.seek(0);
    else this.jump(index);
  }

  seek(milliseconds: number): void {
    this.#goTo(milliseconds);
    this.#saveSoon();
  }
  skip(milliseconds: number): void { this.seek(this.positionMs + milliseconds) }

  #goTo(milliseconds: number): void {
    this.#crossing?.cancel();
    const target = Math.min(Math.max(0, milliseconds), Math.max(0, this.durationMs - 250));
    this.positionMs = target;
    if (this.#now.readyState > 0) this.#now.currentTime = target / 1000;
    else this.#now.addEventListener("loadedmetadata", () => { this.#now.currentTime = target / 1000 }, { once: true });
    this.#positionState();
    this.#keep(true);
  }

  setVolume(volume: number): void {
    this.volume = Math.min(1, Math.max(0, volume));
    this.muted = false;
    this.#applyVolume();
    session.prefer({ volume: this.volume });
  }
  toggleMute(): void { this.muted = !this.muted; this.#applyVolume() }
  toggleShuffle(): void { this.#change(this.shuffled ? unshuffle(this.queue) : shuffle(this.queue)) }
  cycleRepeat(): void {
    const after: Record<Repeat, Repeat> = { off: "all", all: "one", one: "off" };
    this.#change({ ...this.queue, repeat: after[this.queue.repeat] });
  }

  #element(): HTMLAudioElement {
    const audio = new Audio();
    audio.preload = "auto";
    const mine = (act: () => void) => () => { if (audio === this.#now) act() };
    audio.addEventListener("timeupdate", mine(() => this.#tick()));
    audio.addEventListener("durationchange", mine(() => { if (Number.isFinite(audio.duration)) this.#realDuration = audio.duration * 1000; this.#positionState() }));
    audio.addEventListener("progress", mine(() => this.#buffer()));
    audio.addEventListener("waiting", mine(() => { this.waiting = true }));
    audio.addEventListener("playing", mine(() => { this.waiting = false; this.playing = true; this.#failures = 0; this.#began() }));
    audio.addEventListener("pause", mine(() => { if (!audio.ended && audio.src) this.playing = false }));
    audio.addEventListener("ended", mine(() => this.#ended()));
    audio.addEventListener("error", mine(() => this.#broken()));
    return audio;
  }

  /** Nothing of the present track was heard yet. */
  #afresh(positionMs: number): void {
    this.positionMs = positionMs;
    this.bufferedMs = 0;
    this.#realDuration = 0;
    this.#listened = new Listened();
    this.#startedAt = "";
    this.#reported = false;
    this.waiting = false;
  }

  #load(positionMs: number): void {
    this.#crossing?.cancel();
    const track = this.track;
    this.#afresh(positionMs);
    if (!track) { this.#now.pause(); this.#now.removeAttribute("src"); this.#now.load(); this.playing = false; return }
    const url = streamUrl(track.id);
    if (this.#spare.src === url) {
      const old = this.#now;
      this.#now = this.#spare;
      this.#spare = old;
      old.pause();
      old.removeAttribute("src");
      if (Number.isFinite(this.#now.duration)) this.#realDuration = this.#now.duration * 1000;
    } else {
      this.#now.src = url;
    }
    this.#applyVolume();
    if (positionMs > 0 || this.#now.currentTime > 0) this.#goTo(positionMs);
    this.#mediaSession(track);
  }

  #tick(): void {
    this.positionMs = this.#now.currentTime * 1000;
    this.#listened.at(this.positionMs);
    this.#buffer();
    const track = this.track;
    if (track && !this.#reported && this.#listened.heardMs >= countsAfter(this.durationMs)) {
      this.#reported = true;
      if (isHere(track.id)) post("plays", { track: track.id, submission: true, played_at: this.#startedAt, duration_played_ms: Math.round(this.#listened.heardMs), client: CLIENT, source: "web" }).catch(() => {});
    }
    const plan = this.#planned();
    if (Math.min(this.durationMs, plan?.outMs ?? Infinity) - this.positionMs < PRELOAD_MS) this.#preload(plan?.inMs ?? 0);
    if (plan && this.positionMs >= plan.outMs && this.positionMs < plan.outMs + plan.lengthMs / 2) this.#cross(plan);
    this.#keep(false);
  }

  /** The transition into the next track, once it is known; null: none. */
  #planned(): Plan | null {
    const index = following(this.queue, false);
    const [from, to] = [this.track, this.queue.rows[index]?.track];
    if (session.look.mixing === "off" || !from || !to || index === this.queue.at || this.#crossing) return null;
    const pair = `${from.id} ${to.id} ${session.look.mixing} ${session.look.fadeS}`;
    if (this.#plan?.pair !== pair) {
      const asked: { pair: string; plan: Plan | null } = { pair, plan: null };
      this.#plan = asked;
      void planFor(from, to).then((plan) => { asked.plan = plan });
    }
    return this.#plan.plan;
  }

  /** The next track comes in while this one goes out; from now on the next one is what plays. */
  #cross(plan: Plan): void {
    const index = following(this.queue, false);
    const next = this.queue.rows[index]?.track;
    if (!this.#desk || !this.playing || !next || this.#spare.src !== streamUrl(next.id) || this.#spare.readyState < HTMLMediaElement.HAVE_FUTURE_DATA) return;
    const [from, to] = [this.#now, this.#spare];
    const levels = { from: this.#levelOf(this.track), to: this.#levelOf(next) };
    void to.play().catch(() => {});
    this.#now = to;
    this.#spare = from;
    this.#crossing = new Crossing(from, to, this.#desk, () => { this.#crossing = null; this.#applyVolume() });
    this.#crossing.start(plan, levels);
    this.#change({ ...this.queue, at: index });
    this.#afresh(plan.inMs);
    if (Number.isFinite(to.duration)) this.#realDuration = to.duration * 1000;
    this.#began();
    this.#mediaSession(next);
  }

  #preload(fromMs = 0): void {
    const track = this.queue.rows[following(this.queue, false)]?.track;
    if (!track || track.id === this.track?.id || this.#crossing) return;
    const url = streamUrl(track.id);
    const spare = this.#spare;
    if (spare.src === url) return;
    spare.src = url;
    if (fromMs) spare.addEventListener("loadedmetadata", () => { if (spare === this.#spare) spare.currentTime = fromMs / 1000 }, { once: true });
  }

  #buffer(): void {
    const { buffered, currentTime } = this.#now;
    for (let at = 0; at < buffered.length; at += 1) {
      if (buffered.start(at) <= currentTime + 0.5 && buffered.end(at) >= currentTime) this.bufferedMs = buffered.end(at) * 1000;
    }
  }

  #began(): void {
    const track = this.track;
    if (!track || this.#startedAt) return;
    this.#startedAt = new Date().toISOString();
    if (isHere(track.id)) post("plays", { track: track.id, submission: false, position_ms: Math.round(this.positionMs), client: CLIENT }).catch(() => {});
  }

  #ended(): void {
    const index = following(this.queue, false);
    if (index < 0) { this.playing = false; this.#load(0); return }
    if (index === this.queue.at) { this.#load(0); void this.play(); return }
    this.#change({ ...this.queue, at: index });
    this.#load(0);
    void this.play();
  }

  #broken(): void {
    const track = this.track;
    if (!track || !this.#now.getAttribute("src")) return;
    this.waiting = false;
    const going = this.playing;
    this.playing = false;
    if (!going) return;
    say(t.cannotPlay(track.title), { bad: true });
    this.#failures += 1;
    if (this.#failures < 4 && following(this.queue, true) > this.queue.at) setTimeout(() => { if (this.track === track) this.next() }, 1200);
  }

  /** The volume as it is chosen, and for each track as much as its loudness asks. */
  #applyVolume(): void {
    const next = this.queue.rows[following(this.queue, false)]?.track;
    const asked = this.playing && (session.look.evening !== "off" || session.look.mixing !== "off");
    if (asked && !this.#desk && Desk.possible()) this.#desk = new Desk();
    for (const [audio, track] of [[this.#now, this.track], [this.#spare, next]] as const) {
      const level = this.#levelOf(track ?? null);
      audio.muted = this.muted;
      audio.volume = this.#desk ? 1 : Math.min(1, level);
      if (this.#desk && !this.#crossing) this.#desk.level(audio, level);
    }
  }

  #levelOf(track: Track | null): number {
    const at = track ? this.queue.rows.findIndex((row) => row.track === track) : -1;
    const { evening } = session.look;
    return this.volume ** 2 * (track ? factorOf(gainDb(track, evening, [this.queue.rows[at - 1]?.track, this.queue.rows[at + 1]?.track]), evening) : 1);
  }

  /** Takes up a changed wish for even loudness or for mixing. */
  attune(): void { this.#applyVolume() }

  #mediaSession(track: Track): void {
    if (!("mediaSession" in navigator)) return;
    const artwork = track.artwork ? [96, 256, 512].map((size) => ({ src: new URL(`api/v1/artwork/${track.artwork!.id}?size=${size}`, document.baseURI).href, sizes: `${size}x${size}` })) : [];
    navigator.mediaSession.metadata = new MediaMetadata({ title: track.title, artist: track.artists.map((credit) => credit.credited_as ?? credit.artist.name).join(", "), album: track.album?.title ?? "", artwork });
    const on = (action: MediaSessionAction, handler: MediaSessionActionHandler) => { try { navigator.mediaSession.setActionHandler(action, handler) } catch { /* this browser has no such key */ } };
    on("play", () => void this.play());
    on("pause", () => this.pause());
    on("nexttrack", () => this.next());
    on("previoustrack", () => this.previous());
    on("seekto", (details) => this.seek((details.seekTime ?? 0) * 1000));
    on("seekforward", (details) => this.skip((details.seekOffset ?? 10) * 1000));
    on("seekbackward", (details) => this.skip(-(details.seekOffset ?? 10) * 1000));
  }

  #positionState(): void {
    if (!("mediaSession" in navigator) || !navigator.mediaSession.setPositionState || !this.durationMs) return;
    navigator.mediaSession.setPositionState({ duration: this.durationMs / 1000, position: Math.min(this.positionMs, this.durationMs) / 1000, playbackRate: 1 });
  }

  #change(queue: Queue<Track>): void {
    this.queue = queue;
    try { localStorage.setItem(this.#name("queue"), JSON.stringify(queue)) } catch { localStorage.removeItem(this.#name("queue")) }
    this.#keep(true);
    this.#saveSoon();
  }

  #name(part: string): string { return `segue.${part}.${session.me?.id ?? ""}` }

  /** Keeps the place in this browser, so that a reload goes on where it was. */
  #keep(now: boolean): void {
    if (!now && Date.now() - this.#keptAt < 1000) return;
    this.#keptAt = Date.now();
    if (session.me) localStorage.setItem(this.#name("place"), JSON.stringify({ positionMs: this.positionMs, playing: this.playing }));
  }

  #kept(): { queue: Queue<Track>; positionMs: number; playing: boolean } | null {
    try {
      const queue = JSON.parse(localStorage.getItem(this.#name("queue")) ?? "null") as Queue<Track> | null;
      const place = JSON.parse(localStorage.getItem(this.#name("place")) ?? "{}") as { positionMs?: number; playing?: boolean };
      return queue?.rows?.length ? { queue, positionMs: place.positionMs ?? 0, playing: place.playing ?? false } : null;
    } catch { return null }
  }

  #saveSoon(): void {
    clearTimeout(this.#saveTimer);
    this.#saveTimer = setTimeout(() => void this.#save(false), SAVE_MS);
  }

  /** A queue that was only looked at is not told to the server: another player may have gone on with it since. */
  #leave(): void {
    this.#keep(true);
    if (this.playing || this.#saveTimer !== undefined) void this.#save(true);
  }

  async #save(leaving: boolean): Promise<void> {
    clearTimeout(this.#saveTimer);
    this.#saveTimer = undefined;
    if (!session.me || !this.queue.rows.length) return;
    const here = this.queue.rows.filter((row) => isHere(row.track.id));
    if (!here.length) return;
    const at = here.indexOf(this.queue.rows[this.queue.at]!);
    const body = { tracks: here.map((row) => row.track.id), current_index: Math.max(0, at), position_ms: at < 0 ? 0 : Math.round(this.positionMs), client: CLIENT };
    await request("PUT", "queue", { query: { device: this.device }, body, keepalive: leaving }).catch(() => {});
  }
}

export const player = new Player();
