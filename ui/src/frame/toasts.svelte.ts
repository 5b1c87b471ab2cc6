/** Short messages at the edge of the screen: what was done, and what did not work. */

import { Problem } from "../api/request";
import { t } from "../i18n/index.svelte";

export interface Toast { id: number; text: string; bad: boolean; action: { label: string; run: () => void } | null }

let last = 0;
export const toasts = $state<Toast[]>([]);

/** Says something for some seconds, with an action such as "Undo" where there is one. */
export function say(text: string, { bad = false, action = null }: { bad?: boolean; action?: Toast["action"] } = {}): void {
  const id = ++last;
  toasts.push({ id, text, bad, action });
  if (toasts.length > 3) toasts.shift();
  setTimeout(() => dismiss(id), bad || action ? 7000 : 3500);
}

export function dismiss(id: number): void {
  const at = toasts.findIndex((toast) => toast.id === id);
  if (at >= 0) toasts.splice(at, 1);
}

/** Says what did not work, and why. */
export function failed(what: string, error: unknown): void { say(`${what} ${reason(error)}`.trim(), { bad: true }) }

/** Why something failed, as a sentence. */
export function reason(error: unknown): string {
  if (error instanceof Problem) return error.unreachable ? t.unreachable : [error.message, error.hint].filter(Boolean).join(" ");
  return error instanceof Error ? error.message : String(error);
}
