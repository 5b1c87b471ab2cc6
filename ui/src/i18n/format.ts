/** Dates, numbers and sizes the way the chosen locale writes them. */

import { language } from "./index.svelte";
import { hoursMinutes, partialDate } from "./time";
export { clock } from "./time";

let zone: string | undefined;
/** Times are shown in this IANA zone from now on; null means the browser's. */
export function showTimesIn(timeZone: string | null): void {
  try { zone = timeZone ? new Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone : undefined } catch { zone = undefined }
}

export const number = (value: number, options?: Intl.NumberFormatOptions): string => new Intl.NumberFormat(language.locale, options).format(value);

const unit = (value: number, name: string): string => number(value, { style: "unit", unit: name, unitDisplay: "short" });

/** A length of music in words: "39 min", "2 hr 5 min". */
export function length(milliseconds: number): string {
  const { hours, minutes } = hoursMinutes(milliseconds);
  return [hours ? unit(hours, "hour") : "", minutes || !hours ? unit(minutes, "minute") : ""].filter(Boolean).join(" ");
}

/** Bytes in the largest unit that keeps the number short. */
export function bytes(size: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  let at = 0;
  let value = size;
  while (value >= 1000 && at < units.length - 1) { value /= 1000; at += 1 }
  return number(value, { style: "unit", unit: units[at] as string, unitDisplay: at ? "short" : "long", maximumFractionDigits: value < 10 && at ? 1 : 0 });
}

/** A partial date as people write it: "1977", "May 1977", "8 May 1977". */
export function date(text: string): string {
  const parts = partialDate(text);
  if (!parts) return text;
  if (parts.month === null) return String(parts.year);
  const day = new Date(Date.UTC(parts.year, parts.month - 1, parts.day ?? 1));
  return new Intl.DateTimeFormat(language.locale, { timeZone: "UTC", year: "numeric", month: "long", ...(parts.day !== null && { day: "numeric" }) }).format(day);
}

/** A moment with day and time, in the person's zone. */
export const moment = (iso: string): string => new Intl.DateTimeFormat(language.locale, { dateStyle: "medium", timeStyle: "short", ...(zone && { timeZone: zone }) }).format(new Date(iso));

/** A day, in the person's zone. */
export const day = (iso: string): string => new Intl.DateTimeFormat(language.locale, { dateStyle: "medium", ...(zone && { timeZone: zone }) }).format(new Date(iso));

/** How long ago or ahead: "3 minutes ago", "in 2 hours". */
export function ago(iso: string, now: number = Date.now()): string {
  const seconds = (new Date(iso).getTime() - now) / 1000;
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [["second", 60], ["minute", 60], ["hour", 24], ["day", 30.4], ["month", 12], ["year", Infinity]];
  let value = seconds;
  for (const [name, size] of steps) {
    if (Math.abs(value) < size) return new Intl.RelativeTimeFormat(language.locale, { numeric: "auto" }).format(Math.round(value), name);
    value /= size;
  }
  return day(iso);
}

/** Seconds that remain, in words: "40 sec", "3 min". */
export const remaining = (seconds: number): string => (seconds < 90 ? unit(Math.max(1, Math.round(seconds)), "second") : length(seconds * 1000));

/** Several words as one list: "A, B and C". */
export const list = (words: string[]): string => new Intl.ListFormat(language.locale, { style: "long", type: "conjunction" }).format(words);
