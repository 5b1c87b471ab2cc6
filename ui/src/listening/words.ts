/** The words of statistics: a part of the message catalogue that is loaded with the pages it is for. */

import { language } from "../i18n/index.svelte";
import { plurals } from "../i18n/plural";

const manyEn = plurals("en");
const manyDe = plurals("de");

export const en = {
  statistics: "Statistics", yearIn: (year: number) => `${year} in music`, periods: (): Record<string, string> => ({ week: "Week", month: "Month", year: "Year", all: "All time", free: "From … to" }), from: "From", to: "to", before: "Before", after: "After",
  plays: (n: number) => manyEn(n, { one: "# play", other: "# plays" }), playsWord: "plays", heard: "listened", days: (n: number) => manyEn(n, { one: "# day", other: "# days" }), daysWord: "days with music", tracksWord: "different tracks", albumsWord: "different albums", artistsWord: "different artists", newArtists: "new artists", newTracks: "new tracks",
  more: (share: string) => `${share} more than before`, less: (share: string) => `${share} less than before`, same: "as much as before", overTime: "Over time", topOf: (): Record<string, string> => ({ artists: "Artists", albums: "Albums", tracks: "Tracks", genres: "Genres", decades: "Decades" }), byPlays: "By plays", byTime: "By time", showMore: "Show more",
  calendar: "Calendar", clock: "When you listen", streaks: "Days in a row", current: "now", longest: "longest", broken: "Play something today to begin one.", discoveries: "Heard for the first time", nothing: "Nothing was played then", nothingWhy: "Choose another time, or play something.", notHere: "not in your library",
  newShare: (share: string) => `${share} of it by artists that were new to you`, firstPlay: "The first", lastPlay: "The last", busiest: "The fullest day", byMonth: "Month by month", print: "Print", years: "Years", yourListening: "Your listening", elsewhere: (n: number) => manyEn(n, { one: "# of them told by another program, without a date", other: "# of them told by another program, without a date" }), firstHeard: "first", lastHeard: "last", neverPlayed: "You have not played it yet.", at: (day: string, hour: string) => `${day}, ${hour}`, table: "As a table", when: "When", howOften: "How often", weekdays: (): string[] => ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], toHistory: "Every play", bestOf: (year: number) => `What you heard in ${year}`, mostly: (name: string) => `Most of all ${name}.`,
};
type Words = typeof en;
export const de: Words = {
  statistics: "Statistik", yearIn: (year: number) => `${year} in Musik`, periods: () => ({ week: "Woche", month: "Monat", year: "Jahr", all: "Alles", free: "Von … bis" }), from: "Von", to: "bis", before: "Davor", after: "Danach",
  plays: (n: number) => manyDe(n, { one: "#-mal gespielt", other: "#-mal gespielt" }), playsWord: "mal gespielt", heard: "gehört", days: (n: number) => manyDe(n, { one: "# Tag", other: "# Tage" }), daysWord: "Tage mit Musik", tracksWord: "verschiedene Titel", albumsWord: "verschiedene Alben", artistsWord: "verschiedene Künstler", newArtists: "neue Künstler", newTracks: "neue Titel",
  more: (share: string) => `${share} mehr als davor`, less: (share: string) => `${share} weniger als davor`, same: "so viel wie davor", overTime: "Im Verlauf", topOf: () => ({ artists: "Künstler", albums: "Alben", tracks: "Titel", genres: "Genres", decades: "Jahrzehnte" }), byPlays: "Nach Häufigkeit", byTime: "Nach Zeit", showMore: "Mehr zeigen",
  calendar: "Kalender", clock: "Wann du hörst", streaks: "Tage hintereinander", current: "jetzt", longest: "am längsten", broken: "Spiel heute etwas, dann beginnt einer.", discoveries: "Zum ersten Mal gehört", nothing: "Damals wurde nichts gespielt", nothingWhy: "Wähl eine andere Zeit, oder spiel etwas.", notHere: "nicht in deiner Bibliothek",
  newShare: (share: string) => `${share} davon von Künstlern, die dir neu waren`, firstPlay: "Der erste", lastPlay: "Der letzte", busiest: "Der vollste Tag", byMonth: "Monat für Monat", print: "Drucken", years: "Jahre", yourListening: "Von dir gehört", elsewhere: (n: number) => manyDe(n, { one: "# davon von einem anderen Programm gezählt, ohne Datum", other: "# davon von einem anderen Programm gezählt, ohne Datum" }), firstHeard: "zuerst", lastHeard: "zuletzt", neverPlayed: "Du hast es noch nicht gespielt.", at: (day: string, hour: string) => `${day}, ${hour} Uhr`, table: "Als Tabelle", when: "Wann", howOften: "Wie oft", weekdays: () => ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"], toHistory: "Alles Gespielte", bestOf: (year: number) => `Was du ${year} gehört hast`, mostly: (name: string) => `Am meisten ${name}.`,
};

const spoken: Record<string, Words> = { en, de };

/** The words in the chosen language; reading one inside a component follows a change of language. */
export const w: Words = new Proxy({} as Words, { get: (_, key) => (spoken[language.code] ?? en)[key as keyof Words] });
