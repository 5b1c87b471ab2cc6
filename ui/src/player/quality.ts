/** A file's quality in a few characters: "FLAC 44.1/16", "MP3 320". */

import type { AudioFile } from "../api/types";

const names: Record<string, string> = { flac: "FLAC", mp3: "MP3", opus: "Opus", vorbis: "Vorbis", ogg: "Ogg", aac: "AAC", alac: "ALAC", m4a: "M4A", wav: "WAV", pcm: "PCM", aiff: "AIFF", wma: "WMA", ape: "APE", wavpack: "WavPack", musepack: "Musepack", dsf: "DSD", dsd: "DSD", tta: "TTA" };

/** The label for a file, or "" if nothing is known. Sample rates in kHz, bit rates in kbit/s. */
export function quality(file: AudioFile | null | undefined): string {
  const name = file?.codec || file?.format;
  if (!file || !name) return "";
  const shown = names[name.toLowerCase()] ?? names[name.toLowerCase().split(/[_.-]/)[0] as string] ?? name.toUpperCase();
  if (file.lossless) {
    const rate = file.sample_rate_hz ? String(Math.round(file.sample_rate_hz / 100) / 10) : "";
    return [shown, [rate, file.bit_depth].filter(Boolean).join("/")].filter(Boolean).join(" ");
  }
  return [shown, file.bitrate_kbps ? String(Math.round(file.bitrate_kbps)) : ""].filter(Boolean).join(" ");
}

/** One label for many files: the common one, or the codecs there are. */
export function commonQuality(files: (AudioFile | null)[]): string {
  const all = new Set(files.map(quality).filter(Boolean));
  if (all.size <= 1) return [...all][0] ?? "";
  return [...new Set([...all].map((label) => label.split(" ")[0] as string))].join(", ");
}
