/** The shapes of playlists and mixes as they cross the API. */

import type { Artwork } from "../api/types";

export interface Cover { kind: "contents" | "album" | "upload"; tiles: Artwork[]; version: string }
export interface List {
  id: string; name: string; comment: string; owner_id: string; owner_name: string; visibility: "private" | "shared" | "public"; role: "owner" | "editor" | "viewer" | null;
  kind: "manual" | "smart"; query: string | null; normalized: string | null; personal: boolean; track_count: number; more: boolean; duration_ms: number; cover: Cover; folder_id: string | null;
  revision: number; created_at: string; changed_at: string; editable: boolean; problem: { code: string; sentence: string } | null;
}
export interface Row { id: string | null; track_id: string | null; title: string; artist: string; album: string; duration_ms: number | null; comment: string; added_at: string; added_by: string | null; location: string | null; match_score: number | null; catalog: { id: string; title: string } | null }
export interface ListPage extends List { rows: Row[]; next: string | null }
export interface Folder { id: string; name: string; parent_id: string | null; count: number }
export interface Person { user_id: string; name: string; role: "owner" | "editor" | "viewer" }
export interface Revision { revision: number; at: string; user_name: string; action: string; params: Record<string, unknown>; sentence: string; undone_by: number | null; can_undo: boolean }
export interface Why { code: string; params: Record<string, unknown>; sentence: string }
export interface Mix { kind: string; title: string; reason: Why; available: boolean; day: string; track_count: number; duration_ms: number; tiles: Artwork[] }
export interface MixTrack { track_id: string; title: string; artist: string; album: string; duration_ms: number | null; reason: Why }
export interface MixPage extends Mix { rows: MixTrack[] }
export interface Previewed { count: number; more: boolean; duration_ms: number; normalized: string; warnings: { code: string; message: string }[]; rows: Row[] }
export interface QueryAnswer { valid: boolean; normalized: string | null; ast: import("./builder").Tree | null; sort: string | null; limit: string | null; offset: number; warnings: { message: string }[]; error: { message: string; hint: string | null; expected: string | null; suggestions: string[]; position: { start: number; length: number } } | null }
export interface Explained extends QueryAnswer { conditions: { text: string; sentence: string; negated: boolean; rows: number | null; more: boolean }[] }
