/** Where the app lives. The server writes its base path into `<base href>`; every address of ours starts there. */

export const base: URL = new URL(".", typeof document === "undefined" ? "http://localhost/" : document.baseURI);

/** Path of the base, without its last slash: "" at the root, "/music" below a proxy. */
export const basePath: string = base.pathname.replace(/\/$/, "");

type Query = Record<string, string | number | boolean | null | undefined | readonly (string | number)[]>;

/** The address of a REST resource, as in `apiUrl("albums", {limit: 50})`. Empty values are left out. */
export function apiUrl(path: string, query?: Query): string {
  const url = new URL(`api/v1/${path}`, base);
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === null || value === undefined || value === "") continue;
    for (const one of Array.isArray(value) ? value : [value]) url.searchParams.append(name, String(one));
  }
  return url.href;
}

/** The address of a cover in one size (pixels of its longer side). */
export const coverUrl = (id: string, size: number): string => apiUrl(`artwork/${encodeURIComponent(id)}`, { size });

/** Whether a track is in a library here, and not only at the archive. */
export const isHere = (trackId: string): boolean => trackId.startsWith("tr-");

/** The address of a track's audio: a library's (`tr-…`) or a concert's (`lt-…`). */
export const streamUrl = (trackId: string): string => apiUrl(`${isHere(trackId) ? "" : "live/"}tracks/${encodeURIComponent(trackId)}/stream`);

export type { Query };
