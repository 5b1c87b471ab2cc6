/** One document of the server's, shown from memory at once and read again when it may have changed. */

import { get, Problem } from "../api/request";
import type { Query } from "../api/base";

export class Resource<T> {
  value = $state.raw<T | null>(null);
  problem = $state.raw<Problem | null>(null);
  loading = $state(false);
  stale = true;
  #run: Promise<void> | null = null;
  #again: Promise<void> | null = null;

  constructor(readonly path: string, readonly query: Query) {}

  /** Reads the document if it is not here or may have changed. */
  want(): void { if (this.stale && !this.problem) void this.refresh() }

  retry(): void { this.problem = null; void this.refresh() }

  /** Reads the document again; what is shown stays until the answer is here. An answer under way may be older than the wish, so it is asked once more. */
  refresh(): Promise<void> {
    if (!this.#run) return this.#start();
    const go = () => { this.#again = null; return this.#start() };
    this.#again ??= this.#run.then(go, go);
    return this.#again;
  }

  #start(): Promise<void> {
    this.#run = this.#read().finally(() => { this.#run = null; this.loading = false });
    return this.#run;
  }

  /** Puts a newer value in place, such as the answer to a change. */
  set(value: T): void { this.value = value; this.stale = false; this.problem = null }

  async #read(): Promise<void> {
    this.loading = true;
    this.stale = false;
    try {
      this.value = await get<T>(this.path, this.query);
      this.problem = null;
    } catch (error) {
      this.stale = true;
      if (!(error instanceof Problem)) throw error;
      if (this.value === null || error.status === 404) { this.problem = error; this.value = null }
    }
  }
}
