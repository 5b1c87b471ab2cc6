/** The shapes of bringing playlists in, as they cross the API. */

export interface Told { code: string; params: Record<string, unknown>; sentence: string }
export interface Counts { rows: number; sure: number; review: number; none: number; bad: number }
export interface InList { number: number; name: string; comment: string; kind: "manual" | "smart"; query: string | null; folder: string[]; counts: Counts; existing_id: string | null; playlist_id: string | null }
export interface Import { id: string; file_name: string; format: string | null; size_bytes: number; state: "reading" | "ready" | "applying" | "done" | "failed"; job_id: string | null; doubts: Told[]; lists: InList[]; created_at: string; finished_at: string | null }
export interface Meant { track_id: string; title: string; artist: string; album: string; duration_ms: number | null; score: number | null }
export type State = "sure" | "review" | "none" | "chosen" | "unlinked";
/** What a text says, and what it may mean. */
export interface Wanted { title: string; artist: string; album: string; duration_ms: number | null; location: string | null; state: State | null; method: string | null; match: Meant | null; others: Meant[]; reasons: Told[] }
export interface InRow extends Wanted { place: number; problem: Told | null }
export interface Awaiting extends Wanted { row_id: string; sure: boolean }
