/** Who is signed in, and how they like the app to look. */

import { base } from "../api/base";
import { get, patch, post, Problem, whenSignedOut } from "../api/request";
import type { Me } from "../api/types";
import { showTimesIn } from "../i18n/format";
import { language } from "../i18n/index.svelte";
import { forget } from "./store.svelte";

/** `evening`: even loudness; `mixing`: how one track goes over into the next, and for how long at most (seconds). */
export interface Look { theme: "system" | "light" | "dark"; contrast: "system" | "high"; locale: string | null; volume: number; evening: "off" | "track" | "album" | "auto"; mixing: "off" | "fade" | "grid"; fadeS: number; notation: "camelot" | "open" | "names" }
const LOOK = "segue.look";

class Session {
  me = $state.raw<Me | null>(null);
  /** "asking" until the server has said who this is. */
  state = $state<"asking" | "setup" | "out" | "in" | "unreachable">("asking");
  look = $state<Look>({ theme: "system", contrast: "system", locale: null, volume: 1, evening: "off", mixing: "off", fadeS: 6, notation: "names", ...stored() });

  #before: string | null = null;

  get admin(): boolean { return this.me?.roles.includes("admin") ?? false }
  /** Whether they may say what the music is called and who made it. */
  get editor(): boolean { return this.admin || (this.me?.roles.includes("editor") ?? false) }
  get name(): string { return this.me?.display_name || this.me?.username || "" }

  async start(): Promise<void> {
    whenSignedOut(() => { if (this.state === "in") this.#out() });
    await language.choose(this.look.locale);
    await this.ask();
  }

  /** Asks the server who this is; decides between sign-in, first set-up and the app. */
  async ask(): Promise<void> {
    try {
      this.#in(await get<Me>("auth/me"));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status !== 401 && error.status !== 403) { this.state = "unreachable"; return }
      const setup = await get<{ needed: boolean }>("setup").catch(() => ({ needed: false }));
      this.state = setup.needed ? "setup" : "out";
    }
  }

  /** Signs in. Throws Problem when the server refuses. */
  async signIn(username: string, password: string, remember: boolean): Promise<void> {
    await post("auth/login", { username, password, remember, cookie: true });
    const me = await get<Me>("auth/me");
    // Somebody else: nothing that was remembered for the one before may be seen.
    if (this.#before && this.#before !== me.id) location.reload();
    else this.#in(me);
  }

  /** Signs out and starts afresh, so that nothing stays in memory. */
  async signOut(): Promise<void> {
    await post("auth/logout").catch(() => {});
    location.assign(base.href);
  }

  /** Saves parts of the profile. Throws Problem. */
  async save(changes: Record<string, unknown>): Promise<void> {
    const answer = await patch<Me | undefined>("auth/me", changes);
    this.#in(answer?.id ? answer : await get<Me>("auth/me"));
  }

  /** Changes how the app looks on this device. */
  prefer(changes: Partial<Look>): void {
    Object.assign(this.look, changes);
    localStorage.setItem(LOOK, JSON.stringify(this.look));
    const root = document.documentElement;
    if (this.look.theme === "system") delete root.dataset.theme; else root.dataset.theme = this.look.theme;
    if (this.look.contrast === "high") root.dataset.contrast = "high"; else delete root.dataset.contrast;
    if ("locale" in changes) void language.choose(this.look.locale);
  }

  #in(me: Me): void { this.me = me; this.state = "in"; showTimesIn(me.time_zone) }
  #out(): void { this.#before = this.me?.id ?? null; this.me = null; this.state = "out"; forget() }
}

function stored(): Partial<Look> {
  try { return JSON.parse(localStorage.getItem(LOOK) ?? "{}") as Partial<Look> } catch { return {} }
}

export const session = new Session();
