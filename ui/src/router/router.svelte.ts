/** A tiny router on the history API. It keeps the scroll position of every page visited, also over a reload. */

import { base, basePath } from "../api/base";
import { insideBase, match } from "./match";
import { routes, type Route } from "./routes";

export interface Place { path: string; query: URLSearchParams; key: string; route: Route | null; params: Record<string, string>; back: boolean }

const POSITIONS = "segue.positions";

class Router {
  place = $state.raw<Place>(this.#read(true));
  /** The element that scrolls; set by the frame. */
  scroller: HTMLElement | null = null;
  #positions = new Map<string, number>(loadPositions());

  start(): void {
    history.scrollRestoration = "manual";
    addEventListener("popstate", () => { this.#remember(); this.place = this.#read(true) });
    addEventListener("pagehide", () => {
      this.#remember();
      sessionStorage.setItem(POSITIONS, JSON.stringify([...this.#positions].slice(-60)));
    });
    document.addEventListener("click", (event) => this.#click(event));
  }

  /** Goes to a path inside the app, such as "/albums?sort=-added". */
  go(to: string, { replace = false }: { replace?: boolean } = {}): void {
    this.#remember();
    const key = replace ? this.place.key : newKey();
    history[replace ? "replaceState" : "pushState"]({ key }, "", this.href(to));
    this.place = this.#read(replace);
  }

  /** Changes single query parameters of the place one is at; null removes one. */
  ask(changes: Record<string, string | null>, { replace = true }: { replace?: boolean } = {}): void {
    const query = new URLSearchParams(this.place.query);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === "") query.delete(name);
      else query.set(name, value);
    }
    const text = query.toString();
    this.go(this.place.path + (text ? `?${text}` : ""), { replace });
  }

  /** The address for a link to a path inside the app. */
  href(to: string): string { return basePath + to }

  /** The scroll position kept for this place; 0 for a new one. */
  get kept(): number { return this.place.back ? (this.#positions.get(this.place.key) ?? 0) : 0 }

  #remember(): void { if (this.scroller) this.#positions.set(this.place.key, this.scroller.scrollTop) }

  #read(back: boolean): Place {
    const path = insideBase(location.pathname, basePath) ?? "/";
    let key = (history.state as { key?: string } | null)?.key;
    if (!key) { key = newKey(); history.replaceState({ key }, "") }
    for (const route of routes) {
      const found = match(route.path, path);
      if (found) return { path, query: new URLSearchParams(location.search), key, route, params: found.params, back };
    }
    return { path, query: new URLSearchParams(location.search), key, route: null, params: {}, back };
  }

  #click(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element).closest?.("a[href]") as HTMLAnchorElement | null;
    if (!link || link.target || link.hasAttribute("download") || link.origin !== base.origin) return;
    const inside = insideBase(link.pathname, basePath);
    if (inside === null || /^\/(api|rest|docs|health|openapi\.json)(\/|$)/.test(inside)) return;
    event.preventDefault();
    const to = inside + link.search;
    if (to !== this.place.path + (this.place.query.size ? `?${this.place.query}` : "")) this.go(to);
    else this.scroller?.scrollTo({ top: 0, behavior: "smooth" });
  }
}

function loadPositions(): [string, number][] {
  try { return JSON.parse(sessionStorage.getItem(POSITIONS) ?? "[]") as [string, number][] } catch { return [] }
}
const newKey = (): string => Math.random().toString(36).slice(2, 10);

export const router = new Router();
/** The address for a link: `<a href={to("/albums")}>`. */
export const to = (path: string): string => router.href(path);
