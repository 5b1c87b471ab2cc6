/** What has been read from the server, under its address; pages that come back find it here. Changes of the server's make it read again. */

import { onDestroy } from "svelte";
import { apiUrl, type Query } from "../api/base";
import { KeysetList } from "./keyset.svelte";
import { Resource } from "./resource.svelte";

const KEPT = 48;
type Entry = KeysetList<unknown> | Resource<unknown>;
const entries = new Map<string, Entry>();
const shown = new Map<Entry, number>();

function entry<E extends Entry>(kind: string, path: string, query: Query, make: () => E): E {
  const address = `${kind} ${apiUrl(path, query)}`;
  const found = entries.get(address) as E | undefined;
  const one = found ?? make();
  entries.delete(address); // put at the end: the longest unused goes first
  entries.set(address, one);
  for (const [old, candidate] of entries) {
    if (entries.size <= KEPT) break;
    if (!shown.has(candidate)) entries.delete(old);
  }
  return one;
}

/** The list at this address; the same object every time. */
export const listAt = <T>(path: string, query: Query = {}): KeysetList<T> => entry("list", path, query, () => new KeysetList<T>(path, query) as KeysetList<unknown>) as KeysetList<T>;

/** The document at this address; the same object every time. */
export const resourceAt = <T>(path: string, query: Query = {}): Resource<T> => entry("one", path, query, () => new Resource<T>(path, query) as Resource<unknown>) as Resource<T>;

/** Shows a document in a component: read now, refreshed while it is shown. `where` may return null for "nothing yet". */
export function shownResource<T>(where: () => [path: string, query?: Query] | null): { readonly current: Resource<T> | null } {
  const current = $derived.by(() => { const at = where(); return at ? resourceAt<T>(at[0], at[1]) : null });
  keepShown(() => current as Entry | null, () => current?.want());
  return { get current() { return current } };
}

/** Shows a list in a component: its first page is read now, the rest as `want` asks for it. */
export function shownList<T>(where: () => [path: string, query?: Query]): { readonly current: KeysetList<T> } {
  const current = $derived.by(() => listAt<T>(...where()));
  keepShown(() => current as Entry, () => current.want(0));
  return { get current() { return current } };
}

function keepShown(which: () => Entry | null, start: () => void): void {
  let held: Entry | null = null;
  const release = () => {
    if (!held) return;
    const left = (shown.get(held) ?? 1) - 1;
    if (left) shown.set(held, left); else shown.delete(held);
    held = null;
  };
  $effect.pre(() => {
    const next = which();
    release();
    if (next) { shown.set(next, (shown.get(next) ?? 0) + 1); held = next }
    start();
  });
  onDestroy(release);
}

const kindsOf: [RegExp, string[]][] = [
  [/^(albums|artists|tracks)\/[^/]+\/(catalog|discography|suggestions)/, ["catalog_link"]],
  [/^catalog\/links/, ["catalog_link"]],
  [/^albums/, ["album", "track", "artwork", "artist", "genre", "star", "rating", "annotation", "play", "missing"]],
  [/^artists/, ["artist", "album", "track", "artwork", "star", "rating", "annotation"]],
  [/^tracks/, ["track", "artwork", "genre", "star", "rating", "annotation", "play"]],
  [/^search/, ["track", "album", "artist"]],
  [/^genres/, ["genre", "track", "album"]],
  [/^scan/, ["scan", "library", "scan_journal"]],
  [/^grouping-overrides/, ["grouping_override", "album"]],
  [/^inbox/, ["inbox_item", "library"]],
  [/^edits/, ["edit"]],
  [/^tag-writes/, ["tag_write"]],
  [/^tag-rules/, ["setting"]],
  [/^duplicates/, ["duplicate_group", "track"]],
  [/^labels/, ["label", "album"]],
  [/^folders/, ["folder", "track", "file", "library"]],
  [/^libraries/, ["library", "track", "scan"]],
  [/^files/, ["file"]],
  [/^playlists/, ["playlist", "playlist_folder"]],
  [/^mixes/, ["mix"]],
  [/^jobs/, ["job"]],
  [/^settings/, ["setting"]],
  [/^plays/, ["play"]],
  [/^own-tags/, ["own_tag"]],
  [/^queues/, ["queue"]],
  [/^search-history/, ["search_entry"]],
  [/^users/, ["user", "group"]],
  [/^groups/, ["group", "user"]],
  [/^imports/, ["history_import"]],
  [/^audit/, ["user", "group"]],
  [/^app-passwords/, ["app_password"]],
  [/^catalog\/status/, ["job", "setting"]],
  [/^scrobbling/, ["scrobble_account"]],
  [/^analysis\/status/, ["analysis", "job", "setting"]],
  [/^analysis\/(tracks|failed|requests)/, ["analysis", "track", "edit"]],
  [/^analysis\/similar/, ["music_map", "analysis"]],
  [/^live\/downloads/, ["download"]],
  [/^live\/rules/, ["live_rule", "download", "concert"]],
  [/^live\/me/, ["show", "attendance", "concert"]],
  [/^live\/tapes/, ["tape", "concert"]],
  [/^live\/doubts/, ["live_doubt", "concert", "recording"]],
  [/^live\/status/, ["live_mirror", "concert", "live_artist", "job"]],
  [/^live\/mirrors/, ["live_mirror"]],
  [/^live\/songs/, ["song", "concert"]],
  [/^live\/venues/, ["venue", "concert"]],
  [/^live/, ["concert", "recording", "live_artist", "download", "live_pin"]],
];

/** Something of these kinds changed on the server ("*" for anything): what is shown is read again, the rest when it is next shown. */
export function changed(kinds: ReadonlySet<string>): void {
  for (const one of entries.values()) {
    const depends = kindsOf.find(([path]) => path.test(one.path))?.[1] ?? [];
    if (!kinds.has("*") && !depends.some((kind) => kinds.has(kind))) continue;
    one.stale = true;
    if (shown.has(one)) void one.refresh();
  }
}

/** Forgets everything, as after signing out. */
export function forget(): void { entries.clear() }
