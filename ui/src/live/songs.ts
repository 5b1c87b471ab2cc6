/** Songs and setlists as they cross the API. */

import type { components } from "../api/schema";

type Schemas = components["schemas"];
export type Song = Schemas["LiveSongItem"];
export type SongPage = Schemas["SongAnswer"];
export type Performance = Schemas["PerformanceItem"];
export type ArtistSongs = Schemas["ArtistSongsAnswer"];
