/** Names of things that an address only has the id of. */

import { SvelteMap } from "svelte/reactivity";
import { get } from "../api/request";
import type { Named } from "../api/types";

const names = new SvelteMap<string, string>();
const asked = new Set<string>();

/** The name of `path/id`, such as a genre's; "…" until the server has said it, and the id itself if it does not know. */
export function nameOf(path: "artists" | "genres" | "labels", id: string): string {
  const address = `${path}/${id}`;
  if (!asked.has(address)) {
    asked.add(address);
    get<Named>(address).then((one) => names.set(address, one.name), () => names.set(address, id));
  }
  return names.get(address) ?? "…";
}
