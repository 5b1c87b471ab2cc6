/** The server's voice: it says when something changed and how far running work is; the pages follow. */

import { apiUrl } from "../api/base";
import { get, Problem } from "../api/request";
import type { Changes, Job, Scan } from "../api/types";
import { trustServer } from "./marks.svelte";
import { changed } from "./store.svelte";

/** Changes are gathered for so long before they are fetched (milliseconds); longer while much is changing. */
const GATHER = 400;
const GATHER_BUSY = 3000;
const BUSY = 200;
const RECONNECT = 4000;

export type RunningScan = Partial<Scan> & Pick<Scan, "scanning" | "count">;
/** A download under way, as the server tells it while one looks. */
export interface RunningDownload { id: string; state: string; done_bytes: number; size_bytes: number | null; files: { id: string; name: string; done_bytes: number; size_bytes: number | null }[] }
export type RunningJob = Pick<Job, "id" | "kind" | "state" | "progress">;

class Live {
  connected = $state(false);
  scan = $state.raw<RunningScan | null>(null);
  jobs = $state.raw<RunningJob[]>([]);
  downloads = $state.raw<RunningDownload[]>([]);
  downloadRate = $state<number | null>(null);
  #source: EventSource | null = null;
  #cursor: number | null = null;
  #epoch: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #jobsTimer: ReturnType<typeof setTimeout> | undefined;
  #reopen: ReturnType<typeof setTimeout> | undefined;
  #pause = GATHER;

  start(): void {
    if (this.#source) return;
    this.#open();
    document.addEventListener("visibilitychange", this.#seen);
  }

  #open(): void {
    const source = new EventSource(apiUrl("events"));
    this.#source = source;
    source.onopen = () => { this.connected = true };
    source.onerror = () => {
      this.connected = false;
      // The browser connects anew by itself after a broken connection, but not after an answer such as "starting".
      if (source.readyState === EventSource.CLOSED) this.#reopen = setTimeout(() => this.#open(), RECONNECT);
    };
    // The first message of every stream tells where the feed stands, so nothing is missed while it was away, nor between reading a page and first asking.
    source.addEventListener("changes", (event) => {
      this.#cursor ??= (JSON.parse(event.data as string) as { cursor?: number }).cursor ?? null;
      this.#soon();
    });
    source.addEventListener("scan", (event) => this.#scanned(JSON.parse(event.data as string) as RunningScan));
    source.addEventListener("downloads", (event) => this.#fetched(JSON.parse(event.data as string) as { items: RunningDownload[]; bytes_per_second: number | null }));
    source.addEventListener("jobs", (event) => this.#worked((JSON.parse(event.data as string) as { items: RunningJob[] }).items));
  }

  stop(): void {
    this.#source?.close();
    this.#source = null;
    this.connected = false;
    clearTimeout(this.#reopen);
    clearTimeout(this.#timer);
    clearTimeout(this.#jobsTimer);
    this.#timer = this.#jobsTimer = undefined;
    this.#cursor = this.#epoch = null;
    document.removeEventListener("visibilitychange", this.#seen);
  }

  #seen = (): void => { if (document.visibilityState === "visible") this.#soon() };

  #scanned(scan: RunningScan): void {
    const ended = this.scan?.scanning && !scan.scanning;
    this.scan = scan;
    if (ended) changed(new Set(["library", "file", "job", "scan"]));
  }

  #worked(jobs: RunningJob[]): void {
    this.jobs = jobs;
    // The list of work shows progress of its own; it is read at most every second.
    this.#jobsTimer ??= setTimeout(() => { this.#jobsTimer = undefined; changed(new Set(["job"])) }, 1000);
  }

  #fetched(told: { items: RunningDownload[]; bytes_per_second: number | null }): void {
    const before = new Map(this.downloads.map((one) => [one.id, one.state]));
    this.downloads = told.items;
    this.downloadRate = told.bytes_per_second;
    if (told.items.some((one) => before.get(one.id) !== one.state)) changed(new Set(["download"]));
  }

  #soon(): void {
    if (document.visibilityState === "hidden") return;
    this.#timer ??= setTimeout(() => { this.#timer = undefined; void this.#follow() }, this.#pause);
  }

  /** Reads what changed since the last time and tells the pages. */
  async #follow(): Promise<void> {
    try {
      const first = this.#cursor === null;
      const kinds = new Set<string>();
      let count = 0;
      let page: Changes;
      do {
        page = await get<Changes>("changes", { since: this.#cursor, epoch: this.#epoch, limit: 1000 });
        this.#epoch = page.epoch;
        this.#cursor = page.cursor;
        for (const item of page.items) kinds.add(item.kind);
        count += page.items.length;
      } while (page.more);
      this.#pause = count > BUSY ? GATHER_BUSY : GATHER;
      if (!first && kinds.size) { trustServer(); changed(kinds) }
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status === 410) { this.#cursor = this.#epoch = null; changed(new Set(["*"])); this.#soon() }
    }
  }
}

export const live = new Live();
