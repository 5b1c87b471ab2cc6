/** Dialogs that any page may open. */

import type { Track } from "../api/types";

class Dialogs {
  palette = $state(false);
  help = $state(false);
  more = $state(false);
  adding = $state.raw<readonly Track[] | null>(null);
  track = $state.raw<Track | null>(null);

  addToPlaylist(tracks: readonly Track[]): void { this.adding = tracks }
  showTrack(track: Track): void { this.track = track }
}

export const dialogs = new Dialogs();
