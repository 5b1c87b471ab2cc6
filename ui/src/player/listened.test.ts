import { expect, test } from "vitest";
import { countsAfter, Listened } from "./listened";
import { commonQuality, quality } from "./quality";

const file = { id: "fi-1", format: "flac", codec: "flac", content_type: "audio/flac", bitrate_kbps: 900, sample_rate_hz: 44100, bit_depth: 16, channels: 2, size_bytes: 1, lossless: true, path: "" };

test("a play counts after half of a short track and after four minutes of a long one", () => {
  expect(countsAfter(100_000)).toBe(50_000);
  expect(countsAfter(3_600_000)).toBe(240_000);
  expect(countsAfter(0)).toBe(240_000);
});

test("a track of thirty seconds or less never counts", () => {
  expect(countsAfter(30_000)).toBe(Infinity);
  expect(countsAfter(30_001)).toBe(15_000.5);
});

test("skipping forward is not listening", () => {
  const heard = new Listened();
  for (const at of [0, 250, 500, 60_000, 60_250, 1_000, 1_250]) heard.at(at);
  expect(heard.heardMs).toBe(250 + 250 + 250 + 250);
});

test("a lossless file is named by its rate and depth, a lossy one by its bit rate", () => {
  expect(quality(file)).toBe("FLAC 44.1/16");
  expect(quality({ ...file, sample_rate_hz: 96000, bit_depth: 24 })).toBe("FLAC 96/24");
  expect(quality({ ...file, codec: "opus", lossless: false, bitrate_kbps: 128 })).toBe("Opus 128");
  expect(quality(null)).toBe("");
});

test("an album of one quality has one label, a mixed one names its codecs", () => {
  expect(commonQuality([file, file])).toBe("FLAC 44.1/16");
  expect(commonQuality([file, { ...file, codec: "mp3", lossless: false, bitrate_kbps: 320 }])).toBe("FLAC, MP3");
});
