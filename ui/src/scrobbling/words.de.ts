/** Die Worte des Scrobbelns auf Deutsch. */

import { plurals } from "../i18n/plural";
import type { scrobblingEn } from "./words.en";

const viele = plurals("de");

export const scrobblingDe: typeof scrobblingEn = {
  scrobbling: "Scrobbeln",
  scrobblingWhy: "Last.fm, ListenBrainz und ihresgleichen erfahren, was du hörst. Dein Verlauf bleibt auf jeden Fall hier; ohne Verbindung wartet die Schlange tagelang.",
  linkLastfm: "Last.fm verbinden", linkToken: "ListenBrainz oder ein anderes verbinden", linkAccount: "Verbinden", goToLastfm: "Zu Last.fm", lastfmWhy: "Last.fm bittet dich auf seiner eigenen Seite um ein Ja und bringt dich hierher zurück.",
  userToken: "Benutzer-Token", userTokenWhy: "Von der Einstellungsseite des Dienstes; bei ListenBrainz listenbrainz.org/settings.",
  serviceAddress: "Adresse", serviceAddressWhy: "Nur für Maloja, Koito, ein anderes Segue und dergleichen; ohne /1 am Ende.",
  linked: (name) => `Mit ${name} verbunden.`,
  linkProblem: () => ({ link_expired: "Das hat zu lange gedauert, oder jemand anderes hat damit begonnen. Beginne noch einmal.", not_approved: "Last.fm hat kein Ja bekommen. Beginne noch einmal." }),
  scrobbleStates: () => ({ active: "In Gebrauch", needs_login: "Neu anmelden", paused: "Pausiert" }),
  sentCount: (n) => viele(n, { one: "# Wiedergabe gesendet", other: "# Wiedergaben gesendet" }),
  waitingCount: (n) => viele(n, { one: "# wartet", other: "# warten" }),
  refusedCount: (n) => viele(n, { one: "# abgelehnt", other: "# abgelehnt" }),
  lastSent: (when) => `zuletzt ${when}`,
  nextTry: (when) => `Nächster Versuch ${when}.`,
  sendNow: "Jetzt senden", sending: "Es wird jetzt versucht.", testAccount: "Prüfen", testGood: (name) => `Es antwortet und kennt dich als ${name}.`,
  pauseAccount: "Pausieren", resumeAccount: "Weiter", unlinkAccount: "Trennen",
  unlinkWhy: (name) => `An ${name} wird nichts mehr gesendet, und was noch wartet, wird vergessen. Deine Wiedergaben und Sterne bleiben.`,
  signInAgain: "Neu anmelden", importLoves: "Lieblinge übernehmen", importingLoves: "Lieblinge werden übernommen.",
  lovesImported: (found, fresh) => `Letzte Übernahme: ${viele(found, { one: "# Lieblingstitel hier gefunden", other: "# Lieblingstitel hier gefunden" })}, ${viele(fresh, { one: "# neuer Stern", other: "# neue Sterne" })}.`,
  whatIsSent: "Was gesendet wird", sendPlays: "Wiedergaben", sendPlaying: "Was gerade läuft", sendLoves: "Sterne, als Lieblinge", importLovesNightly: "Jede Nacht Sterne aus den Lieblingen dort machen", sendHated: "Auch was ich nicht mag",
  shortest: "Nichts, das kürzer ist als (Sekunden)", notFrom: "Nichts, das kommt über", notFromPrograms: "Nichts von diesen Programmen", notFromProgramsWhy: "Namen mit Kommas dazwischen, wie dein Verlauf sie zeigt.",
  playSources: () => ({ web: "den Web-Player", rest: "die API", subsonic: "Subsonic-Apps", listenbrainz: "Player, die wie an ListenBrainz melden", lastfm: "Player, die wie an Last.fm melden" }),
  refusedTitle: "Abgelehnt", waitingTitle: "Wartet", refusedWhy: "Was der Dienst nicht wollte. Sende es noch einmal, oder lass es gehen.", waitingWhy: "Was als Nächstes gesendet wird, das Älteste zuerst.",
  sendAgain: "Noch einmal senden", letGo: "Gehen lassen", allAgain: "Alle noch einmal senden", allGo: "Alle gehen lassen", nothingRefused: "Nichts ist abgelehnt.", nothingWaits: "Nichts wartet.",
  acts: () => ({ listen: "Wiedergabe", love: "Liebling", unlove: "Kein Liebling mehr", hate: "Nicht spielen" }),
  otherPlayers: "Andere Player", otherPlayersWhy: "Player, die ListenBrainz oder Last.fm kennen, können an Segue melden. Trage dort eine dieser Adressen ein und melde dich mit einem App-Passwort an.",
  forListenBrainz: "Wo ListenBrainz steht", forLastfm: "Wo Last.fm, GNU FM oder Libre.fm steht",
  reportPassword: "Ein App-Passwort dafür machen", reportPasswordName: "Für welchen Player", reportPasswordWhy: "Es kann melden, was du hörst, und deine eigenen Wiedergaben lesen, sonst nichts.",
  lastfmNotSetUp: "Zuerst muss jemand, der hier verwaltet, API-Schlüssel und Secret von Last.fm setzen.",
  serviceWaits: () => ({
    outside_throttled: "Der Dienst möchte seltener gefragt werden; Segue macht von selbst weiter.",
    outside_quota: "Was der Dienst in dieser Zeit erlaubt, ist aufgebraucht; Segue macht von selbst weiter.",
    outside_transient: "Der Dienst ist gerade nicht zu erreichen; Segue versucht es von selbst wieder.",
    outside_nonsense: "Der Dienst antwortet etwas Unverständliches; Segue versucht es von selbst wieder.",
    outside_auth: "Der Dienst erkennt die Schlüssel dieser Installation nicht an; das muss sich ansehen, wer hier verwaltet.",
    lastfm_not_set_up: "API-Schlüssel und Secret von Last.fm sind nicht gesetzt; das muss tun, wer hier verwaltet.",
    daily_limit: "Der Dienst nimmt heute keine Wiedergaben mehr; Segue macht von selbst weiter.",
    needs_login: "Der Dienst erkennt die Anmeldung nicht mehr an. Melde dich neu an; inzwischen geht nichts verloren.",
    secret_unreadable: "Der gespeicherte Schlüssel ist nicht mehr lesbar. Melde dich neu an; inzwischen geht nichts verloren.",
  }),
  serviceRefused: () => ({
    artist_ignored: "Der Dienst übergeht diesen Künstler.",
    track_ignored: "Der Dienst übergeht diesen Titel.",
    too_old: "Älter, als der Dienst nimmt (zwei Wochen bei Last.fm).",
    in_the_future: "Es liegt in der Zukunft; eine Uhr geht falsch.",
    refused: "Der Dienst nimmt es nicht an.",
    no_mbid: "ListenBrainz kann nur lieben, was eine MusicBrainz-Aufnahme-ID hat.",
  }),
};
