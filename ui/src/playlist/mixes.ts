/** What mixes and their reasons are called, in the chosen language. */

import { date, list } from "../i18n/format";
import { language } from "../i18n/index.svelte";
import type { Mix, Why } from "./types";

type Params = Record<string, unknown>;
const s = (value: unknown): string => String(value ?? "");
const named = (value: unknown): string => list((Array.isArray(value) ? value : []).map(String));

const titles: Record<string, Record<string, (p: Params) => string>> = {
  en: { "on-this-day": () => "On this day", "forgotten-favourites": () => "Forgotten favourites", "most-played-lately": () => "Most played lately", "new-unheard": () => "New and unheard", "rediscover-album": (p) => (p.album ? `Again: ${s(p.album)}` : "An album again"), similar: (p) => (p.title ? `Sounds like ${s(p.title)}` : "Sounds alike"), "sonic-path": (p) => (p.first ? `From ${s(p.first)} to ${s(p.last)}` : "A way through your music") },
  de: { "on-this-day": () => "An diesem Tag", "forgotten-favourites": () => "Vergessene Lieblinge", "most-played-lately": () => "Zuletzt am meisten gehört", "new-unheard": () => "Neu und ungehört", "rediscover-album": (p) => (p.album ? `Mal wieder: ${s(p.album)}` : "Ein Album mal wieder"), similar: (p) => (p.title ? `Klingt wie ${s(p.title)}` : "Klingt ähnlich"), "sonic-path": (p) => (p.first ? `Von ${s(p.first)} zu ${s(p.last)}` : "Ein Weg durch deine Musik") },
};
// The server says these in English; other languages say them by code.
const sentences: Record<string, (p: Params) => string> = {
  daily: (p) => `Künstler, die du hörst, und andere aus ${s(p.genre)}.`, daily_artists: () => "Künstler, die du hörst.", on_this_day: () => "Was du an diesem Tag in früheren Jahren gehört hast, und Alben, die an ihm erschienen.", forgotten_favourites: () => "Mit Stern oder hoher Wertung, und seit einem halben Jahr nicht gehört.", most_played_lately: () => "Was du in den letzten 30 Tagen am meisten gehört hast.", new_unheard: () => "Kam in den letzten 60 Tagen dazu, und du hast es noch nicht gehört.",
  rediscover_album: (p) => `${s(p.album)} von ${s(p.artist)}: ${s(p.count)}-mal gehört, zuletzt am ${date(s(p.date))}.`, nothing_played_yet: () => "Dafür ist noch nichts gehört worden.", nothing_found: () => "Heute passt nichts.", analysis_missing: () => "Der Klang deiner Musik ist noch nicht untersucht; was ähnlich ist, lässt sich noch nicht sagen.",
  similar: (p) => `Was am meisten wie ${s(p.title)} von ${s(p.artist)} klingt; das hast du zuletzt gehört.`, sonic_path: (p) => `Ein Weg von ${s(p.first)} zu ${s(p.last)}: Jeder Titel klingt etwas weniger wie der eine und mehr wie der andere.`, sounds_like: (p) => `Klingt wie ${s(p.title)} von ${s(p.artist)}.`, on_the_way: (p) => `Auf dem Weg von ${s(p.first)} zu ${s(p.last)}.`,
  often_played_artist: (p) => `${s(p.artist)} hast du zuletzt ${s(p.count)}-mal gehört.`, same_genre: (p) => `${s(p.genre)}, wie ${s(p.artist)}.`, played_on_day: (p) => `An diesem Tag gehört: ${named(p.years)}.`, released_on_day: (p) => `${s(p.album)} erschien an diesem Tag ${s(p.year)}.`, favourite_last_played: (p) => `Ein Liebling, zuletzt gehört am ${date(s(p.date))}.`, favourite_never_played: () => "Ein Liebling, den du noch nicht gehört hast.", played_lately: (p) => `In den letzten 30 Tagen ${s(p.count)}-mal gehört.`, added_unheard: (p) => `Seit ${date(s(p.date))} da, noch nicht gehört.`, on_album_again: (p) => `${s(p.album)}, ${s(p.count)}-mal gehört, zuletzt am ${date(s(p.date))}.`,
};

export function mixTitle(mix: Mix): string {
  return (titles[language.code] ?? titles.en)?.[mix.kind]?.(mix.reason.params) ?? mix.title;
}
export const whySentence = (why: Why): string => (language.code === "de" ? sentences[why.code]?.(why.params) : undefined) ?? why.sentence;
