/** The shapes of bringing a history in, as they cross the API. */

export interface Told { code: string; params: Record<string, unknown>; sentence: string }
export interface Count { code: string; count: number; sentence: string }
export interface Person { name: string; listens: number; stars: number; ratings: number; plays_without_time: number; bookmarks: number; playlists: number }
export interface Sample { kind: "track" | "album" | "artist"; title: string; artist: string; album: string; times: number; track: string | null; score: number | null; reasons: Told[] }
export interface Preview {
  listens: { total: number; matched: number; unmatched: number; too_short: number };
  things: { total: number; matched: number; unsure: number; unmatched: number };
  matched_share: number | null;
  first_at: string | null;
  last_at: string | null;
  years: Record<string, number>;
  plays_there: number;
  people: Person[];
  stars_and_ratings: number;
  bookmarks: number;
  playlists: number;
  problems: Count[];
  passed: Count[];
  matched: Sample[];
  unmatched: Sample[];
}
export interface Result { added: number; folded: number; refused: number; unmatched: number; too_short: number; of_others: number; marks: number; marks_unmatched: number; bookmarks: number; playlists: number }
export type State = "reading" | "ready" | "running" | "stopped" | "done" | "failed" | "undoing" | "undone";
export interface HistoryImport {
  id: string;
  user: string;
  source: string;
  state: State;
  name: string;
  size_bytes: number;
  account: string | null;
  has_upload: boolean;
  people: Record<string, string>;
  preview: Preview | null;
  result: Result | null;
  error: Count | null;
  job: string | null;
  progress: { phase: string | null; done: number | null; total: number | null; unit: string | null; rate: number | null; eta_s: number | null } | null;
  created_at: string;
}
export interface Unmatched { number: number; kind: string; title: string; artist: string; album: string; path: string; times: number; nearest: string | null; score: number | null; reasons: Told[]; found_later: boolean }
export interface Trouble { number: number; file: string; line: number | null; code: string; sentence: string }
