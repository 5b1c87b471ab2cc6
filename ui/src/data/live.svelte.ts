/** The server's voice: it says when something changed and how far running work is; the pages follow. */

import { apiUrl } from "../api/base";
import { get, Problem } from "../api/request";
import type { Changes, Job, Page, Scan } from "../api/types";
import { changed } from "./store.svelte";
import { session } from "./session.svelte";

const GATHER = 500;
const WORK_EVERY = 1000;

class Live {
  connected = $state(false);
  scan = $state.raw<Scan | null>(null);
  jobs = $state.raw<Job[]>([]);
  #source: EventSource | null = null;
  #cursor: string | number | null = null;
  #epoch: string | null = null;
  #changesTimer: ReturnType<typeof setTimeout> | undefined;
  #workTimer: ReturnType<typeof setTimeout> | undefined;
  #workAt = 0;
  #pause = GATHER;

  start(): void {
    if (this.#source) return;
    void this.#follow();
    this.#soonWork();
    const source = new EventSource(apiUrl("events"));
    this.#source = source;
    source.onopen = () => { const again = this.connected === false && this.#cursor !== null; this.connected = true; if (again) this.#soonChanges() };
    source.onerror = () => { this.connected = false };
    source.addEventListener("changes", () => this.#soonChanges());
    source.addEventListener("job", () => this.#soonWork());
    source.addEventListener("scan", () => this.#soonWork());
    document.addEventListener("visibilitychange", this.#seen);
  }

  stop(): void {
    this.#source?.close();
    this.#source = null;
    this.connected = false;
    clearTimeout(this.#changesTimer);
    clearTimeout(this.#workTimer);
    document.removeEventListener("visibilitychange", this.#seen);
  }

  #seen = (): void => { if (document.visibilityState === "visible") { this.#soonChanges(); this.#soonWork() } };

  #soonChanges(): void {
    if (document.visibilityState === "hidden") return;
    this.#changesTimer ??= setTimeout(() => { this.#changesTimer = undefined; void this.#follow() }, this.#pause);
  }

  /** Reads what changed since the last time and tells the pages. */
  async #follow(): Promise<void> {
    try {
      const first = this.#cursor === null;
      const kinds = new Set<string>();
      let more = true;
      let count = 0;
      while (more) {
        const page = await get<Changes>("changes", { since: this.#cursor ?? undefined, limit: 1000 });
        if (this.#epoch !== null && page.epoch !== this.#epoch) kinds.add("*");
        this.#epoch = page.epoch;
        this.#cursor = page.cursor;
        for (const item of page.items) kinds.add(item.kind);
        count += page.items.length;
        more = page.more && !(first && page.items.length === 0);
      }
      // A long scan changes something all the time: the more comes, the calmer the pages follow.
      this.#pause = count > 200 ? 3000 : GATHER;
      if (!first && kinds.size) changed(kinds);
      if (kinds.has("job")) this.#soonWork();
    } catch (error) {
      if (error instanceof Problem && error.status === 410) { this.#cursor = null; changed(new Set(["*"])) }
    }
  }

  #soonWork(): void {
    if (document.visibilityState === "hidden" && this.#workAt) return;
    const wait = Math.max(50, this.#workAt + WORK_EVERY - Date.now());
    this.#workTimer ??= setTimeout(() => { this.#workTimer = undefined; void this.#work() }, wait);
  }

  async #work(): Promise<void> {
    this.#workAt = Date.now();
    const [scan, jobs] = await Promise.all([
      get<Scan>("scan").catch(() => null),
      session.admin ? get<Page<Job>>("jobs", { state: "running", limit: 20 }).then((page) => page.items, () => []) : [],
    ]);
    const ended = this.scan?.scanning && scan && !scan.scanning;
    this.scan = scan;
    this.jobs = jobs;
    changed(new Set(ended ? ["job", "scan", "library"] : ["job"]));
    if (scan?.scanning || jobs.length) this.#soonWork();
  }
}

export const live = new Live();
