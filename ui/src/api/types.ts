/** The shapes that cross the API, under the names the app uses. They are generated from OpenAPI (`npm run types`). */

import type { components } from "./schema";

type Schemas = components["schemas"];
/** Members with defaults are always present in an answer. */
type Whole<T> = { [K in keyof T]-?: T[K] };

export type Named = Schemas["NamedItem"];
export type Credit = Schemas["CreditItem"];
export type Artwork = Pick<Schemas["ArtworkItem"], "id" | "color"> & Partial<Schemas["ArtworkItem"]>;
export type Reason = Schemas["ReasonItem"];
export type Marks = Pick<Whole<Schemas["AlbumItem"]>, "starred_at" | "rating" | "hated_at">;

export type Album = Whole<Schemas["AlbumItem"]>;
export type AlbumPage = Omit<Whole<Schemas["AlbumPageItem"]>, "discs"> & { discs: { number: number; subtitle: string | null; tracks: Track[] }[] };
export type AudioFile = Schemas["AudioFileItem"];
export type Track = Whole<Schemas["TrackItem"]>;
export type Artist = Whole<Schemas["ArtistItem"]>;
export type ArtistPage = Omit<Whole<Schemas["ArtistPageItem"]>, "albums"> & { albums: { role: string; albums: Album[] }[] };
export interface ArtistGroup { letter: string; artists: Artist[] }
export type Genre = Schemas["GenreItem"];
export type Branch = Schemas["BranchItem"];
export type GenrePlace = Schemas["PlaceAnswer"];
export type DuplicateGroup = Omit<Schemas["DuplicateGroupItem"], "members"> & { members: (Omit<Schemas["DuplicateItem"], "track"> & { track: Track })[] };
export interface Duplicates extends Page<DuplicateGroup> { counts: Record<string, number> }
export type Label = Schemas["LabelItem"];
export type Library = Schemas["LibraryItem"];
export type Folder = Schemas["FolderItem"];
export type FolderPage = Omit<Schemas["FolderPageItem"], "tracks"> & { tracks: Track[] };
export type FileRow = Schemas["FileItem"];
export interface Found { query: string; artists: Artist[]; albums: Album[]; tracks: Track[] }

export interface Page<T> { items: T[]; next?: string | null; total?: number | null }

export type Job = Whole<Omit<Schemas["JobAnswer"], "progress">> & { progress: Partial<Schemas["ProgressAnswer"]> | null };
export type WholeJob = Job & { traceback?: string | null };
export type Schedule = Schemas["ScheduleAnswer"];
export type Scan = Schemas["ScanAnswer"];
export type Setting = Schemas["SettingOut"];

export type Me = Whole<Schemas["MeAnswer"]>;
export type User = Schemas["UserAnswer"];
export type Group = Schemas["GroupAnswer"];
export type AuditEntry = Schemas["AuditAnswer"];
export type AppPassword = Schemas["AppPasswordAnswer"];
export type MadeAppPassword = Schemas["MadeAppPasswordAnswer"];
export type SignInSession = Schemas["SessionAnswer"];

export type Play = Schemas["PlayItem"];
export type Playlist = Schemas["PlaylistItem"];
export type PlaylistRow = Schemas["PlaylistRowItem"];
export type PlaylistPage = Schemas["PlaylistWithRows"];
export type SavedQueue = Schemas["PlayQueueAnswer"];
export type Changes = Schemas["ChangesAnswer"];
