/** The shapes that cross the API, under the names the app uses. */

export interface Named { id: string; name: string }
export interface Credit { artist: Named; role: string; instrument: string | null; credited_as: string | null; join_phrase: string | null }
export interface Artwork { id: string; color: string | null; blurhash: string | null; width: number | null; height: number | null }
export interface Reason { code: string; params: Record<string, unknown>; sentence: string }
export interface Marks { starred_at: string | null; rating: number | null }

export interface Album extends Marks {
  id: string; title: string; sort_title: string; artists: Credit[]; artist_display: string;
  year: number | null; date: string | null; original_date: string | null; release_types: string[]; compilation: boolean;
  track_count: number; disc_count: number; duration_ms: number; size_bytes: number; artwork: Artwork | null;
  added_at: string; missing: boolean; genres: Named[]; library: Named; play_count: number;
}
export interface AlbumLabel extends Named { catalog_number: string | null }
export interface Disc { number: number; subtitle: string | null; tracks: Track[] }
export interface AlbumPage extends Album {
  discs: Disc[]; labels: AlbumLabel[]; credits: Credit[];
  external_ids: { namespace: string; value: string }[];
  grouping: { rule: string; params: Record<string, unknown>; sentence: string } | null;
}

export interface AudioFile {
  id: string; format: string | null; codec: string | null; bitrate_kbps: number | null; sample_rate_hz: number | null; bit_depth: number | null;
  channels: number | null; size_bytes: number; lossless: boolean | null; path: string;
}
export interface Track extends Marks {
  id: string; title: string; album: { id: string; title: string } | null; artists: Credit[]; album_artists?: Credit[];
  disc: number | null; position: number | null; duration_ms: number; genres: Named[]; year: number | null; bpm: number | null; key: string | null;
  artwork: Artwork | null; file: AudioFile | null; missing: boolean; problem: Reason | null; play_count: number; added_at: string;
}

export interface Artist extends Marks { id: string; name: string; sort_name: string; album_count: number; track_count: number; artwork: Artwork | null }
export interface ArtistPage extends Artist { albums?: Record<string, Album[]> | { role: string; albums: Album[] }[] }
export interface ArtistGroup { letter: string; artists: Artist[] }

export interface Genre extends Named { track_count: number; album_count: number }
export interface Label extends Named { album_count: number }
export interface Library extends Named { path: string; track_count: number; album_count: number; size_bytes: number; last_scan: string | null }
export interface Folder { id: string; name: string; path?: string; library?: Named | string; parent?: string | null; folder_count?: number; track_count?: number; file_count?: number }
export interface FileRow {
  id: string; path: string; library: Named; size_bytes: number; modified_at: string | null; format: string | null; codec: string | null;
  problem: Reason | null; missing_since: string | null; track_ids: string[];
}

export interface Page<T> { items: T[]; next: string | null; total?: number | null }

export type JobState = "queued" | "running" | "done" | "failed" | "cancelled";
export interface JobProgress { done: number; total: number | null; unit: string | null; phase: string | null; rate: number | null; eta_s: number | null; message: { code: string; params: Record<string, unknown> } | null }
export interface Job {
  id: string; kind: string; queue: string; state: JobState; priority: number; progress: JobProgress | null; attempts: number; max_attempts: number;
  error: { code: string; message: string } | null; created_at: string; started_at: string | null; finished_at: string | null; run_at: string | null;
  dedup_key: string | null; params: Record<string, unknown> | null; result: unknown;
}
export interface Schedule { name: string; kind?: string; cron: string; enabled: boolean; next_run_at?: string | null; last_run_at?: string | null; description?: string }
export interface Scan {
  scanning: boolean; count: number; folders: number; phase: string | null; files_per_second: number | null; eta_s: number | null;
  started_at: string | null; finished_at: string | null; problems: number; job: string | null; total?: number | null; done?: number | null;
}
export interface Setting { key: string; value: unknown; default: unknown; layer: string; description: string; editable: boolean; restart: boolean }

export interface Me { id: string; username: string; display_name: string | null; roles: string[]; email: string | null; time_zone: string | null; libraries: Named[] | string[] | null }
export interface User extends Me { created_at?: string; last_seen_at?: string | null; disabled?: boolean }
export interface AppPassword { id: string; name: string; created_at: string | null; last_used_at: string | null; secret?: string }

export interface PlaylistRow { id: string; track: Track | null; title?: string; artist?: string; position?: number }
export interface Playlist { id: string; name: string; comment?: string | null; track_count: number; duration_ms: number; owner?: Named | null; public?: boolean; artwork?: Artwork | null; updated_at?: string | null; created_at?: string | null; mine?: boolean }
export interface PlaylistPage extends Playlist { rows: PlaylistRow[] }

export interface Found { query: string; artists: Artist[]; albums: Album[]; tracks: Track[] }
export interface SavedQueue { tracks: (Track | string)[]; current_index: number | null; position_ms: number | null; changed_at?: string | null; changed_by?: string | null }
export interface Changes { epoch: string; cursor: number | string; items: { kind: string; id: string; op: string; cursor?: number | string }[]; more: boolean }
