/** Dialogs that any page may open. */

import type { Track } from "../api/types";
import type { Kind } from "../edit/fields";

/** What is edited at once: these things, or what a list's filter leaves. */
export interface Bulk { kind: "track" | "album"; name: string; count: number; targets?: string[]; filter?: Record<string, string> }

class Dialogs {
  edit = $state.raw<{ kind: Kind; id: string; name: string } | null>(null);
  artwork = $state.raw<{ kind: "track" | "album" | "artist"; id: string; name: string } | null>(null);
  why = $state.raw<{ id: string; name: string } | null>(null);
  inspect = $state.raw<{ path: string; name: string } | null>(null);
  bulk = $state.raw<Bulk | null>(null);
  palette = $state(false);
  help = $state(false);
  more = $state(false);
  adding = $state.raw<readonly Track[] | null>(null);
  track = $state.raw<Track | null>(null);
  tags = $state.raw<{ things: readonly string[]; name: string } | null>(null);

  addToPlaylist(tracks: readonly Track[]): void { this.adding = tracks }
  showTrack(track: Track): void { this.track = track }
}

export const dialogs = new Dialogs();
