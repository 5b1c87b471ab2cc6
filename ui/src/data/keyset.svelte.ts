/** A list of the server's that is read page by page along its keyset cursor, kept while one visits other pages, and refreshed quietly. */

import { get, Problem } from "../api/request";
import type { Query } from "../api/base";
import type { Page } from "../api/types";

const FIRST_PAGE = 100;
const NEXT_PAGES = 500;
const LARGEST_PAGE = 1000;

export class KeysetList<T> {
  items = $state.raw<T[]>([]);
  total = $state<number | null>(null);
  /** True once the first answer is here. */
  ready = $state(false);
  loading = $state(false);
  problem = $state.raw<Problem | null>(null);
  stale = false;
  #next: string | null = null;
  #wanted = 0;
  #run: Promise<void> | null = null;
  #again: Promise<void> | null = null;

  constructor(readonly path: string, readonly query: Query) {}

  /** How many rows to make room for: all of them where the server counted, else what is here and a little more. */
  get size(): number {
    if (this.complete) return this.items.length;
    return Math.max(this.total ?? 0, this.items.length + (this.ready ? 1 : 0));
  }
  get complete(): boolean { return this.ready && this.#next === null }
  get empty(): boolean { return this.complete && this.items.length === 0 }

  /** Sees to it that the rows up to `index` are read. */
  want(index: number): void {
    this.#wanted = Math.max(this.#wanted, index + 1);
    if (this.problem) return;
    if (this.stale) void this.refresh();
    else if (!this.ready || (this.items.length < this.#wanted && this.#next !== null)) void this.#read();
  }

  /** Tries again after a failure. */
  retry(): void {
    this.problem = null;
    this.want(this.#wanted - 1);
    if (!this.ready) void this.#read();
  }

  /** Reads every row up to `limit` and returns what is there; for playing a whole list. */
  async upTo(limit: number): Promise<T[]> {
    while (!this.complete && this.items.length < limit && !this.problem) {
      this.#wanted = Math.max(this.#wanted, Math.min(limit, this.items.length + 1));
      await this.#read();
    }
    return this.items.slice(0, limit);
  }

  /** Reads what is shown once more and swaps it in, without an empty moment in between. */
  refresh(): Promise<void> {
    this.stale = false;
    this.#again ??= this.#afterRun().finally(() => { this.#again = null });
    return this.#again;
  }

  async #afterRun(): Promise<void> {
    while (this.#run) await this.#run;
    await this.#start(() => (this.ready ? this.#readAgain() : this.#readOn()));
  }

  #read(): Promise<void> { return this.#run ?? this.#start(() => this.#readOn()) }

  /** One reading at a time; what was wanted meanwhile is read right after. */
  #start(work: () => Promise<void>): Promise<void> {
    this.loading = true;
    this.#run = work().finally(() => {
      this.#run = null;
      this.loading = false;
      if (this.ready && !this.problem && this.items.length < this.#wanted && this.#next !== null) void this.#read();
    });
    return this.#run;
  }

  async #readAgain(): Promise<void> {
    const least = Math.max(FIRST_PAGE, this.items.length);
    const fresh: T[] = [];
    let cursor: string | null = null;
    let total: number | null = null;
    try {
      do {
        const page: Page<T> = await this.#page(cursor, Math.min(LARGEST_PAGE, Math.max(FIRST_PAGE, least - fresh.length)));
        fresh.push(...page.items);
        cursor = page.next ?? null;
        total = page.total ?? total;
      } while (cursor !== null && fresh.length < least);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.stale = true; // what is shown stays; the next look tries again
      return;
    }
    this.items = fresh;
    this.#next = cursor;
    this.total = total ?? this.total;
    this.problem = null;
  }

  async #readOn(): Promise<void> {
    try {
      do {
        const page: Page<T> = await this.#page(this.#next, this.ready ? NEXT_PAGES : FIRST_PAGE);
        this.items = this.items.length ? [...this.items, ...page.items] : page.items;
        this.#next = page.next ?? null;
        if (page.total != null) this.total = page.total;
        this.ready = true;
      } while (this.items.length < this.#wanted && this.#next !== null);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.problem = error;
    }
  }

  #page(cursor: string | null, limit: number): Promise<Page<T>> { return get<Page<T>>(this.path, { ...this.query, limit, cursor }) }
}
