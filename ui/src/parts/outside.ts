/** Ids in other people's databases, and where they lead. */

const places: Record<string, { name: string; href?: (value: string) => string }> = {
  "musicbrainz:release": { name: "MusicBrainz", href: (id) => `https://musicbrainz.org/release/${id}` },
  "musicbrainz:release-group": { name: "MusicBrainz (group)", href: (id) => `https://musicbrainz.org/release-group/${id}` },
  "musicbrainz:artist": { name: "MusicBrainz", href: (id) => `https://musicbrainz.org/artist/${id}` },
  "musicbrainz:recording": { name: "MusicBrainz", href: (id) => `https://musicbrainz.org/recording/${id}` },
  "discogs:release": { name: "Discogs", href: (id) => `https://www.discogs.com/release/${id}` },
  "discogs:master": { name: "Discogs", href: (id) => `https://www.discogs.com/master/${id}` },
  upc: { name: "UPC" }, barcode: { name: "Barcode" }, isrc: { name: "ISRC" }, asin: { name: "ASIN" },
};

/** The name of the place an id belongs to, and a link that a person may follow; the app itself never does. */
export function outsideLink(id: { namespace: string; value: string }): { name: string; href: string | null } {
  const place = places[id.namespace.toLowerCase()] ?? places[id.namespace.toLowerCase().replaceAll("_", "-")];
  return { name: place?.name ?? id.namespace, href: place?.href?.(encodeURIComponent(id.value)) ?? null };
}
