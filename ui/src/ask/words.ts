/** The words of boxes that take queries: a part of the message catalogue that is loaded with them. */

import { language } from "../i18n/index.svelte";

export const en = {
  completions: "Completions", kinds: (): Record<string, string> => ({ field: "field", operator: "how", value: "in your music", keyword: "word", clause: "order and amount" }),
  perhaps: "Perhaps", howTo: "How queries are written", keep: "Keep as a playlist that fills itself", asks: "What it asks", takeOut: (what: string) => `Take “${what}” out`,
  fits: (n: string) => `${n} tracks fit`, fitsMore: (n: string) => `more than ${n} tracks fit`, cut: "The query was cut off", recent: "Searched before", forget: (what: string) => `Forget “${what}”`, forgetAll: "Forget all",
};
type Words = typeof en;
export const de: Words = {
  completions: "Ergänzungen", kinds: () => ({ field: "Feld", operator: "wie", value: "in deiner Musik", keyword: "Wort", clause: "Reihenfolge und Menge" }),
  perhaps: "Vielleicht", howTo: "Wie man Abfragen schreibt", keep: "Als Playlist behalten, die sich selbst füllt", asks: "Was gefragt wird", takeOut: (what: string) => `„${what}“ herausnehmen`,
  fits: (n: string) => `${n} Titel passen`, fitsMore: (n: string) => `mehr als ${n} Titel passen`, cut: "Die Abfrage wurde abgebrochen", recent: "Früher gesucht", forget: (what: string) => `„${what}“ vergessen`, forgetAll: "Alles vergessen",
};

const spoken: Record<string, Words> = { en, de };

/** The words in the chosen language; reading one inside a component follows a change of language. */
export const w: Words = new Proxy({} as Words, { get: (_, key) => (spoken[language.code] ?? en)[key as keyof Words] });
