/** Stretches of days that statistics are about, and what the address of the page says of them. */

export type Period = "week" | "month" | "year" | "all" | "free";
export interface Stretch { period: Period; at: string; from: string; to: string }

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const iso = (day: Date): string => day.toISOString().slice(0, 10);
const utc = (day: string): Date => new Date(`${day}T00:00:00Z`);
const real = (text: string | null): string | null => (text && DAY.test(text) && !Number.isNaN(utc(text).getTime()) && iso(utc(text)) === text ? text : null);

/** What an address asks for; what it says wrongly counts as not said. */
export function stretchOf(address: URLSearchParams, today: string): Stretch {
  const from = real(address.get("from"));
  const to = real(address.get("to"));
  if (from && to && from <= to) return { period: "free", at: today, from, to };
  const asked = address.get("period");
  const period = asked === "week" || asked === "month" || asked === "all" ? asked : "year";
  return { period, at: real(address.get("at")) ?? today, from: "", to: "" };
}

/** What a stretch asks the server. */
export const asked = (stretch: Stretch): Record<string, string> => (stretch.period === "free" ? { from: stretch.from, to: stretch.to } : stretch.period === "all" ? { period: "all" } : { period: stretch.period, at: stretch.at });

/** A day in the stretch so many steps later (or, below zero, before). Everything, and days of one's own, have no next. */
export function moved(stretch: Stretch, steps: number): string {
  const day = utc(stretch.at);
  if (stretch.period === "week") day.setUTCDate(day.getUTCDate() + 7 * steps);
  else if (stretch.period === "month") { day.setUTCDate(1); day.setUTCMonth(day.getUTCMonth() + steps) }
  else if (stretch.period === "year") { day.setUTCDate(1); day.setUTCFullYear(day.getUTCFullYear() + steps) }
  return iso(day);
}

/** How wide a bar is, so that there are neither three nor a thousand. */
export function bucketOf(stretch: Stretch): "day" | "week" | "month" | "year" {
  if (stretch.period === "week" || stretch.period === "month") return "day";
  if (stretch.period === "year") return "month";
  if (stretch.period === "all") return "month";
  const days = (utc(stretch.to).getTime() - utc(stretch.from).getTime()) / 86_400_000;
  return days <= 62 ? "day" : days <= 370 ? "week" : "month";
}

/** Weeks as columns of seven days from Monday; null where a day is outside. */
export function weeks<B extends { at: string }>(days: B[]): (B | null)[][] {
  const columns: (B | null)[][] = [];
  for (const one of days) {
    const weekday = (utc(one.at.slice(0, 10)).getUTCDay() + 6) % 7;
    if (!columns.length || weekday === 0) columns.push([null, null, null, null, null, null, null]);
    columns[columns.length - 1]![weekday] = one;
  }
  return columns;
}

/** How much of the accent a count is drawn with, 0 to 1: by its root, so that one wild day does not pale all others. */
export const strength = (value: number, most: number): number => (value <= 0 || most <= 0 ? 0 : 0.15 + 0.85 * Math.sqrt(value / most));
