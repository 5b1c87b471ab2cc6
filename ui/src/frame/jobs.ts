/** Names of jobs in plain words. */

import { t } from "../i18n/index.svelte";

/** A kind of job as people say it; unknown kinds as they are spelled, without dots. */
export function jobName(kind: string): string {
  const names = t.jobNames();
  const short = kind.split(".").pop() as string;
  const found = names[kind] ?? names[short];
  if (found) return found;
  const words = kind.replaceAll(/[._-]+/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
