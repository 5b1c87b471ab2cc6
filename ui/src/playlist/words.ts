/** The words of playlists: a part of the message catalogue that is loaded with the pages it is for. */

import { language } from "../i18n/index.svelte";
import { type Forms, plurals } from "../i18n/plural";

const manyEn = plurals("en");
const manyDe = plurals("de");
const lists = (n: number, many: typeof manyEn, forms: Forms): string => many(n, forms);

export const en = {
  newSmart: "New smart playlist", newFolder: "New folder", folder: "Folder", folders: "Folders", smart: "Smart", manual: "By hand", mine: "Yours", sharedOnes: "Shared with you", publicOnes: "For everybody", everyKind: "All playlists",
  by: (name: string) => `by ${name}`, smartPlaylist: "Smart playlist", shared: "shared", publicMark: "everybody sees it", privateMark: "only you see it",
  countMore: (n: string) => `more than ${n}`, listCount: (n: number) => lists(n, manyEn, { one: "# playlist", other: "# playlists" }),
  filterPlaylists: "Filter playlists", nothingFits: "No playlist fits", nothingFitsWhy: "Take a part of the filter away, or look for fewer letters.", emptyFolderTitle: "Nothing in this folder", emptyFolderWhy: "Move a playlist here from its menu.",
  moveToFolder: "Move to a folder…", outOfFolders: "Out of all folders", renameFolder: "Rename the folder", deleteFolder: "Remove the folder", deleteFolderWhy: "Playlists and folders in it go to the folder above. Nothing is deleted.", newFolderInside: "New folder in it", topFolder: "Playlists",
  forToday: "For today", keepMix: "Keep as a playlist", mixKept: (name: string) => `Kept as ${name}.`, mixWhy: "Why it is in", madeFor: (day: string) => `Made for ${day}`, mixGone: "Tomorrow there is another one.",
  editQuery: "Edit what fills it…", freeze: "Freeze it", freezeWhy: (name: string) => `“${name}” keeps the tracks that it holds now and no longer fills itself. It can be taken back.`, frozen: "Frozen. It is a playlist like any other now.", freezeCopy: "Freeze a copy", copyOf: (name: string) => `${name}, frozen`,
  makeSmart: "Let a query fill it…", makeSmartWhy: "The tracks in it are put aside; taking the change back brings them back.", cannotFill: "This playlist cannot be filled now.",
  who: "Who sees it…", whoOf: (name: string) => `Who sees “${name}”`, onlyMe: "Only me", people: "These people", house: "Everybody here", addPerson: "Name or e-mail", mayView: "may listen", mayEdit: "may change it", owner: "owns it", handOver: "Give it away", handOverWhy: (name: string) => `It belongs to ${name} from then on; you may still change it.`, handedOver: (name: string) => `It belongs to ${name} now.`, removePerson: (name: string) => `Take ${name} out`, whoWhy: "Those who may change it can add, move and remove tracks. Only you rename it, share it and delete it.",
  history: "What was changed…", historyOf: (name: string) => `What was changed in “${name}”`, undoLast: "Take the last change back", restoreThis: "Back to this", takenBack: "taken back", nowState: "as it is now", restored: "It is as it was.", noHistory: "Nothing has been changed yet.", undoneOne: "Taken back.", changedBy: (who: string, when: string) => (who ? `${who}, ${when}` : when),
  changes: (): Record<string, (p: Record<string, unknown>) => string> => ({
    created: (p) => lists(Number(p.count), manyEn, { one: "Made with # track", other: "Made with # tracks" }), imported: (p) => lists(Number(p.count), manyEn, { one: "Imported with # row", other: "Imported with # rows" }),
    added: (p) => `${lists(Number(p.count), manyEn, { one: "# track added", other: "# tracks added" })}: ${titles(p)}`, removed: (p) => `${lists(Number(p.count), manyEn, { one: "# track removed", other: "# tracks removed" })}: ${titles(p)}`, moved: (p) => `${lists(Number(p.count), manyEn, { one: "# track moved", other: "# tracks moved" })}: ${titles(p)}`,
    ordered: () => "Put in another order", replaced: (p) => lists(Number(p.count), manyEn, { one: "Filled anew with # track", other: "Filled anew with # tracks" }), row_commented: (p) => `A note on ${titles(p)}`, changed: (p) => (p.query ? `Filled by ${String(p.query)}` : "Name or description"),
    covered: () => "Another cover", made_smart: (p) => `Fills itself: ${String(p.query)}`, frozen: (p) => lists(Number(p.count), manyEn, { one: "Frozen with # track", other: "Frozen with # tracks" }), sharing: () => "Who may see it", handed_over: () => "Given to somebody else", undone: (p) => `Took change ${String(p.revision)} back`, restored: (p) => `Back to how it was after change ${String(p.revision)}`,
  }),
  cover: "Cover…", coverOf: (name: string) => `Cover of “${name}”`, coverContents: "From its tracks", coverAlbum: "Of an album…", coverUpload: "A picture of your own", whichAlbum: "Which album?",
  note: "Note…", noteOn: (title: string) => `Note on “${title}”`, noteText: "A few words", toTop: "To the top", toEnd: "To the end", insertHere: "Insert after this…", insertTop: "Insert at the top…", insertWhat: "Which track?", notInLibrary: "not in your library", matchedBy: (n: string) => `found with ${n} certainty`, removed: (n: number) => lists(n, manyEn, { one: "Removed.", other: "# removed." }), moved: "Moved.",
  form: "Form", text: "Text", sortedBy: "Sorted by", noSort: "as titles go", descending: "backwards", random: "at random", atMost: "At most", noLimit: "no limit", units: (): Record<string, string> => ({ rows: "tracks", min: "minutes", mb: "MB", gb: "GB", "%": "% of it" }),
  allOf: "all of these", anyOf: "any of these", addCondition: "Condition", addGroup: "Group", removeCondition: "Remove this condition", value: "Value", from: "from", to: "to", field: "Field", operator: "How", cannotDraw: "This query is more than the form can show. It can be changed as text.", queryText: "Query", explain: "Explain", explained: "What it asks", finds: (n: string) => `${n} alone`, live: (n: string, length: string) => `${n} · ${length}`, counting: "Counting…", firstRows: "The first of them", nothingYet: "Nothing fits now. Tracks come in as soon as something does.", nameIt: "Name of the playlist", language: "How queries are written",
  ops: (): Record<string, string> => ({ contains: "contains", "not contains": "does not contain", is: "is", "not is": "is not", starts: "begins with", ends: "ends with", wildcard: "is like (* and ?)", words: "has the words", "=": "is", "not =": "is not", ">": "is more than", ">=": "is at least", "<": "is less than", "<=": "is at most", range: "is between", on: "is on", after: "is after", before: "is before", last: "is in the last days", "not last": "is not in the last days", "not on": "is not on", has: "is known", "not has": "is not known", true: "yes", false: "no", in: "is one of", "not in": "is none of", phrase: "contains" }),
  anywhere: "Title, artist or album", loadMore: "Show more", tooDeepForm: "Form", insertedAt: "Inserted.",
};

const titles = (p: Record<string, unknown>): string => {
  const named = Array.isArray(p.titles) ? p.titles.map(String) : [];
  return named.join(", ") + (Number(p.count) > named.length ? " …" : "");
};

export type Words = { [K in keyof typeof en]: (typeof en)[K] extends (...given: infer A) => infer R ? (...given: A) => R extends string ? string : R : string };

export const de: Words = {
  newSmart: "Neue schlaue Playlist", newFolder: "Neuer Ordner", folder: "Ordner", folders: "Ordner", smart: "Schlau", manual: "Von Hand", mine: "Eigene", sharedOnes: "Mit dir geteilt", publicOnes: "Für alle", everyKind: "Alle Playlists",
  by: (name) => `von ${name}`, smartPlaylist: "Schlaue Playlist", shared: "geteilt", publicMark: "alle sehen sie", privateMark: "nur du siehst sie",
  countMore: (n) => `mehr als ${n}`, listCount: (n) => lists(n, manyDe, { one: "# Playlist", other: "# Playlists" }),
  filterPlaylists: "Playlists filtern", nothingFits: "Keine Playlist passt", nothingFitsWhy: "Nimm einen Teil des Filters weg oder suche nach weniger Buchstaben.", emptyFolderTitle: "In diesem Ordner ist nichts", emptyFolderWhy: "Lege eine Playlist über ihr Menü hierher.",
  moveToFolder: "In einen Ordner legen…", outOfFolders: "Aus allen Ordnern heraus", renameFolder: "Ordner umbenennen", deleteFolder: "Ordner entfernen", deleteFolderWhy: "Playlists und Ordner darin kommen in den Ordner darüber. Gelöscht wird nichts.", newFolderInside: "Neuer Ordner darin", topFolder: "Playlists",
  forToday: "Für heute", keepMix: "Als Playlist behalten", mixKept: (name) => `Als ${name} behalten.`, mixWhy: "Warum es dabei ist", madeFor: (day) => `Gemacht für ${day}`, mixGone: "Morgen gibt es einen anderen.",
  editQuery: "Ändern, was sie füllt…", freeze: "Einfrieren", freezeWhy: (name) => `„${name}“ behält die Titel, die jetzt darin sind, und füllt sich nicht mehr selbst. Das lässt sich zurücknehmen.`, frozen: "Eingefroren. Sie ist jetzt eine Playlist wie jede andere.", freezeCopy: "Eine Kopie einfrieren", copyOf: (name) => `${name}, eingefroren`,
  makeSmart: "Von einer Abfrage füllen lassen…", makeSmartWhy: "Die Titel darin werden beiseitegelegt; nimmt man die Änderung zurück, sind sie wieder da.", cannotFill: "Diese Playlist lässt sich gerade nicht füllen.",
  who: "Wer sie sieht…", whoOf: (name) => `Wer „${name}“ sieht`, onlyMe: "Nur ich", people: "Diese Menschen", house: "Alle hier", addPerson: "Name oder E-Mail", mayView: "darf hören", mayEdit: "darf ändern", owner: "besitzt sie", handOver: "Weggeben", handOverWhy: (name) => `Sie gehört danach ${name}; ändern darfst du sie weiterhin.`, handedOver: (name) => `Sie gehört jetzt ${name}.`, removePerson: (name) => `${name} herausnehmen`, whoWhy: "Wer sie ändern darf, kann Titel hinzufügen, verschieben und entfernen. Nur du benennst, teilst und löschst sie.",
  history: "Was geändert wurde…", historyOf: (name) => `Was in „${name}“ geändert wurde`, undoLast: "Letzte Änderung zurücknehmen", restoreThis: "Hierhin zurück", takenBack: "zurückgenommen", nowState: "so ist sie jetzt", restored: "Sie ist wie damals.", noHistory: "Noch wurde nichts geändert.", undoneOne: "Zurückgenommen.", changedBy: (who, when) => (who ? `${who}, ${when}` : when),
  changes: () => ({
    created: (p) => lists(Number(p.count), manyDe, { one: "Angelegt mit # Titel", other: "Angelegt mit # Titeln" }), imported: (p) => lists(Number(p.count), manyDe, { one: "Eingelesen mit # Zeile", other: "Eingelesen mit # Zeilen" }),
    added: (p) => `${lists(Number(p.count), manyDe, { one: "# Titel hinzugefügt", other: "# Titel hinzugefügt" })}: ${titles(p)}`, removed: (p) => `${lists(Number(p.count), manyDe, { one: "# Titel entfernt", other: "# Titel entfernt" })}: ${titles(p)}`, moved: (p) => `${lists(Number(p.count), manyDe, { one: "# Titel verschoben", other: "# Titel verschoben" })}: ${titles(p)}`,
    ordered: () => "Neu geordnet", replaced: (p) => lists(Number(p.count), manyDe, { one: "Neu gefüllt mit # Titel", other: "Neu gefüllt mit # Titeln" }), row_commented: (p) => `Eine Notiz zu ${titles(p)}`, changed: (p) => (p.query ? `Gefüllt von ${String(p.query)}` : "Name oder Beschreibung"),
    covered: () => "Anderes Bild", made_smart: (p) => `Füllt sich selbst: ${String(p.query)}`, frozen: (p) => lists(Number(p.count), manyDe, { one: "Eingefroren mit # Titel", other: "Eingefroren mit # Titeln" }), sharing: () => "Wer sie sehen darf", handed_over: () => "Jemand anderem gegeben", undone: (p) => `Änderung ${String(p.revision)} zurückgenommen`, restored: (p) => `Zurück zum Stand nach Änderung ${String(p.revision)}`,
  }),
  cover: "Bild…", coverOf: (name) => `Bild von „${name}“`, coverContents: "Aus ihren Titeln", coverAlbum: "Von einem Album…", coverUpload: "Ein eigenes Bild", whichAlbum: "Welches Album?",
  note: "Notiz…", noteOn: (title) => `Notiz zu „${title}“`, noteText: "Ein paar Worte", toTop: "Ganz nach oben", toEnd: "Ans Ende", insertHere: "Danach einfügen…", insertTop: "Oben einfügen…", insertWhat: "Welcher Titel?", notInLibrary: "nicht in deiner Bibliothek", matchedBy: (n) => `mit ${n} Sicherheit gefunden`, removed: (n) => lists(n, manyDe, { one: "Entfernt.", other: "# entfernt." }), moved: "Verschoben.",
  form: "Formular", text: "Text", sortedBy: "Sortiert nach", noSort: "wie die Titel gehen", descending: "rückwärts", random: "zufällig", atMost: "Höchstens", noLimit: "ohne Grenze", units: () => ({ rows: "Titel", min: "Minuten", mb: "MB", gb: "GB", "%": "% davon" }),
  allOf: "alle davon", anyOf: "irgendeines davon", addCondition: "Bedingung", addGroup: "Gruppe", removeCondition: "Diese Bedingung entfernen", value: "Wert", from: "von", to: "bis", field: "Feld", operator: "Wie", cannotDraw: "Diese Abfrage ist mehr, als das Formular zeigen kann. Als Text lässt sie sich ändern.", queryText: "Abfrage", explain: "Erklären", explained: "Was sie fragt", finds: (n) => `${n} allein`, live: (n, length) => `${n} · ${length}`, counting: "Wird gezählt…", firstRows: "Die ersten davon", nothingYet: "Gerade passt nichts. Titel kommen herein, sobald etwas passt.", nameIt: "Name der Playlist", language: "Wie man Abfragen schreibt",
  ops: () => ({ contains: "enthält", "not contains": "enthält nicht", is: "ist", "not is": "ist nicht", starts: "beginnt mit", ends: "endet mit", wildcard: "ist wie (* und ?)", words: "hat die Wörter", "=": "ist", "not =": "ist nicht", ">": "ist mehr als", ">=": "ist mindestens", "<": "ist weniger als", "<=": "ist höchstens", range: "liegt zwischen", on: "ist am", after: "ist nach", before: "ist vor", last: "war in den letzten Tagen", "not last": "war nicht in den letzten Tagen", "not on": "ist nicht am", has: "ist bekannt", "not has": "ist nicht bekannt", true: "ja", false: "nein", in: "ist eines von", "not in": "ist keines von", phrase: "enthält" }),
  anywhere: "Titel, Künstler oder Album", loadMore: "Mehr zeigen", tooDeepForm: "Formular", insertedAt: "Eingefügt.",
};

const spoken: Record<string, Words> = { en, de };

/** The words in the chosen language; reading one inside a component follows a change of language. */
export const w: Words = new Proxy({} as Words, { get: (_, key) => (spoken[language.code] ?? en)[key as keyof Words] });
