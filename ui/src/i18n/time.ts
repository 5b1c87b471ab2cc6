/** Times as a player shows them. */

/** Milliseconds as "3:07" or "1:02:09"; negative and unknown ones as "0:00". */
export function clock(milliseconds: number): string {
  const seconds = Number.isFinite(milliseconds) ? Math.max(0, Math.floor(milliseconds / 1000)) : 0;
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** Milliseconds in whole minutes, split into hours and minutes; anything above zero is at least one minute. */
export function hoursMinutes(milliseconds: number): { hours: number; minutes: number } {
  const total = milliseconds > 0 ? Math.max(1, Math.round(milliseconds / 60000)) : 0;
  return { hours: Math.floor(total / 60), minutes: total % 60 };
}

/** The parts of a partial date such as "1977", "1977-05" or "1977-05-08"; null if it is none of these. */
export function partialDate(text: string): { year: number; month: number | null; day: number | null } | null {
  const found = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?/.exec(text);
  if (!found) return null;
  return { year: Number(found[1]), month: found[2] ? Number(found[2]) : null, day: found[3] ? Number(found[3]) : null };
}
