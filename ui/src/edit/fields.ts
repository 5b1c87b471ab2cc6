/** What can be edited of each kind of thing: its fields in groups, and how each is entered. The server checks every value. */

export type Kind = "track" | "album" | "artist" | "label" | "genre";
export type How = "line" | "long" | "number" | "decimal" | "date" | "yes" | "choice" | "words" | "credits" | "labels" | "ids" | "discs";
export interface EditField { name: string; how: How; choices?: readonly string[]; wide?: boolean }
export interface Group { title: "basics" | "people" | "dates" | "sound" | "outside"; fields: EditField[] }

const field = (how: How, ...names: string[]): EditField[] => names.map((name) => ({ name, how, wide: how === "long" || how === "words" || how === "credits" || how === "labels" || how === "ids" || how === "discs" }));
const choice = (name: string, ...choices: string[]): EditField => ({ name, how: "choice", choices });

export const editGroups: Record<Kind, Group[]> = {
  track: [
    { title: "basics", fields: [...field("line", "title", "subtitle"), ...field("credits", "artists"), ...field("words", "genres"), ...field("number", "disc"), ...field("line", "position", "disc_subtitle", "sort_title")] },
    { title: "people", fields: field("credits", "composer", "lyricist", "writer", "conductor", "performer", "arranger", "producer", "remixer", "engineer", "mixer", "dj_mixer", "director") },
    { title: "dates", fields: field("date", "date", "original_date", "recording_date") },
    { title: "sound", fields: [...field("decimal", "bpm"), ...field("line", "key", "language", "work", "movement"), ...field("number", "movement_number"), ...field("words", "moods", "grouping"), ...field("yes", "explicit", "compilation"), ...field("long", "comment")] },
    { title: "outside", fields: [...field("words", "isrcs"), ...field("line", "musicbrainz_recording_id", "musicbrainz_track_id"), ...field("ids", "external_ids")] },
  ],
  album: [
    { title: "basics", fields: [...field("line", "title"), ...field("credits", "artists"), ...field("words", "genres", "release_types"), ...field("yes", "compilation"), ...field("line", "sort_title"), ...field("discs", "disc_subtitles")] },
    { title: "dates", fields: [...field("date", "original_date", "date", "release_date"), ...field("labels", "labels"), ...field("line", "barcode", "country", "media"), choice("release_status", "official", "promotion", "bootleg", "pseudo-release", "withdrawn", "cancelled", "expunged")] },
    { title: "outside", fields: [...field("line", "musicbrainz_release_id", "musicbrainz_release_group_id"), ...field("ids", "external_ids")] },
  ],
  artist: [
    { title: "basics", fields: [...field("line", "name", "sort_name", "disambiguation"), choice("type", "person", "group", "orchestra", "choir", "character", "other"), ...field("line", "country"), ...field("date", "begin_date", "end_date"), ...field("words", "aliases"), ...field("long", "biography")] },
    { title: "outside", fields: [...field("line", "musicbrainz_id"), ...field("ids", "external_ids")] },
  ],
  label: [
    { title: "basics", fields: [...field("line", "name", "sort_name", "disambiguation"), choice("type", "imprint", "original production", "bootleg production", "reissue production", "distributor", "holding", "rights society", "manufacturer", "other"), ...field("line", "country"), ...field("date", "begin_date", "end_date")] },
    { title: "outside", fields: field("ids", "external_ids") },
  ],
  genre: [{ title: "basics", fields: field("line", "name") }],
};

/** Where a kind of thing lives in the API. */
export const pathOf = (kind: Kind, id: string): string => `${kind}s/${id}`;

interface CreditValue { name?: string; artist?: string; instrument?: string; join_phrase?: string; credited_as?: string }
interface LabelValue { name: string; catalog_number?: string | null }

/** A field's value as text to edit. Lists are one entry a line; credits read `Name (instrument)`, labels `Name | number`, ids `namespace:value`. */
export function asText(how: How, value: unknown): string {
  if (value === null || value === undefined) return "";
  switch (how) {
    case "words": return (value as string[]).join("\n");
    case "credits": return (value as CreditValue[]).map((one) => `${one.name ?? one.artist ?? ""}${one.instrument ? ` (${one.instrument})` : ""}`).join("\n");
    case "labels": return (value as LabelValue[]).map((one) => [one.name, one.catalog_number].filter(Boolean).join(" | ")).join("\n");
    case "ids": return (value as [string, string][]).map((one) => one.join(":")).join("\n");
    case "discs": return Object.entries(value as Record<string, string | null>).map(([disc, name]) => `${disc}: ${name ?? ""}`).join("\n");
    case "yes": return value ? "yes" : "no";
    default: return String(value);
  }
}

/** The text as a value for the server; `before` keeps what the text does not say (join phrases, who exactly). */
export function asValue(how: How, text: string, before: unknown): unknown {
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  switch (how) {
    case "words": return lines;
    case "credits": return lines.map((line) => credit(line, before as CreditValue[] | null));
    case "labels": return lines.map((line) => { const [name = "", number = ""] = line.split("|").map((part) => part.trim()); return { name, ...(number && { catalog_number: number }) } });
    case "ids": return lines;
    case "discs": return Object.fromEntries(lines.map((line) => { const at = line.indexOf(":"); return [line.slice(0, at < 0 ? undefined : at).trim(), at < 0 ? null : line.slice(at + 1).trim() || null] }));
    case "yes": return text === "" ? null : text === "yes";
    case "number": return text.trim() === "" ? null : Number(text);
    case "decimal": return text.trim() === "" ? null : Number(text.replace(",", "."));
    default: return text.trim() || null;
  }
}

function credit(line: string, before: CreditValue[] | null): CreditValue {
  const found = (before ?? []).find((one) => asText("credits", [one]) === line);
  if (found) return found;
  const parts = /^(.*\S)\s*\(([^()]+)\)$/.exec(line);
  return parts ? { name: parts[1] as string, instrument: parts[2] as string } : { name: line };
}
