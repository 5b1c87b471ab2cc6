/** Where a play was told from, in words. */

import { o } from "./words";

const services: Record<string, string> = { listenbrainz: "ListenBrainz", lastfm: "Last.fm", spotify: "Spotify", apple: "Apple Music", itunes: "iTunes", navidrome: "Navidrome", airsonic: "Airsonic", jellyfin: "Jellyfin" };

/** A source such as "subsonic" or "import:lastfm" as people say it. */
export function sourceName(source: string): string {
  const [kind, from] = source.split(":");
  if (kind === "import") return o.imported(services[from ?? ""] ?? from ?? "");
  return o.sourceNames()[source] ?? services[source] ?? source;
}

/** What a play was played with: the program, else where it was told from. */
export const playedWith = (play: { client: string; device: string; source: string }): string => (play.device && play.device !== play.client ? [play.client, play.device].filter(Boolean).join(", ") : play.client) || (play.source ? sourceName(play.source) : "");
