/** Settings as text one can edit, and back. */

/** A value as text: lists by comma, other structures as JSON. */
export function shownAs(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value) && value.every((one) => typeof one !== "object")) return value.join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The value of a text, of the kind that `like` is of. Undefined if it is no such thing. */
export function read(text: string, like: unknown): unknown {
  const clean = text.trim();
  if (typeof like === "number") { const value = Number(clean.replace(",", ".")); return clean && Number.isFinite(value) ? value : undefined }
  if (Array.isArray(like)) return clean ? clean.split(",").map((one) => one.trim()).filter(Boolean) : [];
  if (like !== null && typeof like === "object") { try { return JSON.parse(clean) as unknown } catch { return undefined } }
  return clean === "" && like === null ? null : clean;
}
