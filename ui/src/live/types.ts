/** The shapes of live music as they cross the API. */

import type { components } from "../api/schema";

type Schemas = components["schemas"];
export type Concert = Schemas["ConcertItem"];
export type ConcertPage = Schemas["ConcertAnswer"];
export type SetOfSongs = Schemas["SetItem"];
export type SetSong = Schemas["SetSongItem"];
export type Recording = Schemas["RecordingItem"];
export type Held = Schemas["HeldItem"];
export type RecordingPage = Schemas["RecordingAnswer"];
export type LiveTrack = Schemas["LiveTrackItem"];
export type LiveFile = Schemas["LiveFileItem"];
export type Evidence = Schemas["EvidenceItem"];
export type Term = Schemas["TermItem"];
export type Doubt = Schemas["LiveDoubtItem"];
export type Venue = Schemas["VenueItem"];
export type Band = Schemas["LiveArtistItem"];
export type BandPage = Schemas["LiveArtistAnswer"];
export type Day = Schemas["DayItem"];
export type Taper = Schemas["TaperItem"];
export type TaperPage = Schemas["TaperAnswer"];
export type LiveFound = Schemas["LiveFoundAnswer"];
export type Mirror = Schemas["MirrorItem"];
export type LiveStatus = Schemas["LiveStatusAnswer"];
export type Attended = Schemas["AttendedItem"];
export type ShowsStatistics = Schemas["ShowsStatistics"];
export type SeenSong = Schemas["SeenSongItem"];
export type Imported = Schemas["ShowsImportedAnswer"];
export type Tape = Schemas["TapeItem"];
export type TapeWhole = Schemas["TapeDetails"];
export type TapeList = Schemas["TapePage"];
