/** Paths and patterns of the app: "/albums/:id" against "/albums/al-12". */

export interface Match { params: Record<string, string> }

/** The parameters of `path` if it fits `pattern`, else null. A trailing slash makes no difference. */
export function match(pattern: string, path: string): Match | null {
  const wanted = pattern.split("/").filter(Boolean);
  const given = path.split("/").filter(Boolean);
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const word = given[at] as string;
    if (part.startsWith(":")) {
      const value = decoded(word);
      if (value === null) return null;
      params[part.slice(1)] = value;
    } else if (part !== word) return null;
  }
  return { params };
}

function decoded(text: string): string | null {
  try { return decodeURIComponent(text) } catch { return null }
}

/** `path` as seen inside the app: without the base path. Null if it lies outside. */
export function insideBase(path: string, basePath: string): string | null {
  if (path === basePath) return "/";
  return path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : null;
}
