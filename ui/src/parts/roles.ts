/** Roles of credits in plain words. */

import { t } from "../i18n/index.svelte";

/** A role as people say it; an instrument stands for itself. */
export function roleName(role: string, instrument: string | null = null): string {
  if (instrument) return instrument.charAt(0).toUpperCase() + instrument.slice(1);
  const known = t.roles()[role.toLowerCase()];
  if (known) return known;
  const words = role.replaceAll(/[_-]+/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
