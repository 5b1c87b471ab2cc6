/** Even loudness: how much louder or softer a track is played, from its gains (ReplayGain, measured or tagged). */

import type { Track } from "../api/types";

export type Evening = "off" | "track" | "album" | "auto";

/** Decibels for one track. "auto" keeps an album's own steps while its neighbour in the queue is of the same album. */
export function gainDb(track: Track, evening: Evening, neighbours: readonly (Track | undefined)[] = [], preampDb = 0): number | null {
  const gains = track.replay_gain;
  if (evening === "off" || !gains) return null;
  const together = evening === "album" || (evening === "auto" && neighbours.some((other) => other?.album && other.album.id === track.album?.id));
  const [gain, peak] = together && gains.album_gain_db !== null ? [gains.album_gain_db, gains.album_peak] : [gains.track_gain_db ?? gains.album_gain_db, gains.track_peak ?? gains.album_peak];
  if (gain === null) return null;
  const wanted = gain + preampDb;
  return peak ? Math.min(wanted, -20 * Math.log10(peak)) : wanted;
}

/** The factor that many decibels are; what has no gain is played as quietly as most music is after evening out. */
export const factorOf = (db: number | null, evening: Evening): number => (evening === "off" ? 1 : 10 ** ((db ?? UNKNOWN_DB) / 20));
const UNKNOWN_DB = -6;
