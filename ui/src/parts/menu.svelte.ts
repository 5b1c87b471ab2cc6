/** The one menu of the app: opened at a button or a pointer, with what can be done there. */

import type { IconName } from "./icons";

export interface MenuItem { label: string; icon?: IconName; run?: () => void; href?: string; danger?: boolean; off?: boolean; checked?: boolean; line?: boolean }

class Menu {
  items = $state.raw<MenuItem[]>([]);
  title = $state("");
  at = $state.raw<{ x: number; y: number; width: number; height: number } | null>(null);
  origin: HTMLElement | null = null;

  /** Opens at the element or pointer of an event. */
  open(event: Event, items: MenuItem[], title = ""): void {
    event.preventDefault();
    event.stopPropagation();
    const element = event.currentTarget as HTMLElement;
    const pointer = event.type === "contextmenu" ? (event as MouseEvent) : null;
    const box = element.getBoundingClientRect();
    this.origin = element;
    this.at = pointer?.clientX ? { x: pointer.clientX, y: pointer.clientY, width: 0, height: 0 } : { x: box.left, y: box.top, width: box.width, height: box.height };
    this.items = items;
    this.title = title;
  }
  close(): void { this.at = null; this.items = [] }
}

export const menu = new Menu();
