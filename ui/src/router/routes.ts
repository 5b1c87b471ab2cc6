/** Every page of the app. Each is loaded when it is first visited. */

import type { Component } from "svelte";
import type { MessageKey } from "../i18n/index.svelte";

type Loader = () => Promise<{ default: Component<{ params: Record<string, string>; query: URLSearchParams }> }>;
export interface Route { path: string; title: MessageKey; load: Loader; admin?: boolean; nav?: string }

const page = (load: unknown): Loader => load as Loader;

export const routes: Route[] = [
  { path: "/", title: "home", load: page(() => import("../pages/Home.svelte")), nav: "/" },
  { path: "/albums", title: "albums", load: page(() => import("../pages/Albums.svelte")), nav: "/albums" },
  { path: "/albums/:id", title: "album", load: page(() => import("../pages/Album.svelte")), nav: "/albums" },
  { path: "/artists", title: "artists", load: page(() => import("../pages/Artists.svelte")), nav: "/artists" },
  { path: "/artists/:id", title: "artist", load: page(() => import("../pages/Artist.svelte")), nav: "/artists" },
  { path: "/tracks", title: "tracks", load: page(() => import("../pages/Tracks.svelte")), nav: "/tracks" },
  { path: "/genres", title: "genres", load: page(() => import("../pages/Genres.svelte")), nav: "/genres" },
  { path: "/genres/:id", title: "genre", load: page(() => import("../pages/Genre.svelte")), nav: "/genres" },
  { path: "/labels", title: "labels", load: page(() => import("../pages/Labels.svelte")), nav: "/labels" },
  { path: "/labels/:id", title: "label", load: page(() => import("../pages/Label.svelte")), nav: "/labels" },
  { path: "/folders", title: "folders", load: page(() => import("../pages/Folders.svelte")), nav: "/folders" },
  { path: "/playlists", title: "playlists", load: page(() => import("../pages/Playlists.svelte")), nav: "/playlists" },
  { path: "/playlists/new", title: "newPlaylist", load: page(() => import("../pages/PlaylistNew.svelte")), nav: "/playlists" },
  { path: "/playlists/import", title: "playlists", load: page(() => import("../exchange/Import.svelte")), nav: "/playlists" },
  { path: "/mixes/:kind", title: "playlists", load: page(() => import("../pages/Mix.svelte")), nav: "/playlists" },
  { path: "/playlists/:id", title: "playlist", load: page(() => import("../pages/Playlist.svelte")), nav: "/playlists" },
  { path: "/history", title: "history", load: page(() => import("../pages/History.svelte")), nav: "/history" },
  { path: "/history/import", title: "bringHistory", load: page(() => import("../imports/Import.svelte")), nav: "/history" },
  { path: "/tags", title: "ownTags", load: page(() => import("../own/Tags.svelte")), nav: "/tags" },
  { path: "/statistics", title: "statistics", load: page(() => import("../pages/Statistics.svelte")), nav: "/statistics" },
  { path: "/statistics/:year", title: "statistics", load: page(() => import("../pages/Year.svelte")), nav: "/statistics" },
  { path: "/catalog", title: "catalogue", load: page(() => import("../pages/Catalog.svelte")), nav: "/catalog" },
  { path: "/catalog/links", title: "catalogue", load: page(() => import("../pages/CatalogLinks.svelte")), nav: "/catalog" },
  { path: "/catalog/artists/:id", title: "catalogue", load: page(() => import("../pages/CatalogArtist.svelte")), nav: "/catalog" },
  { path: "/catalog/albums/:id", title: "catalogue", load: page(() => import("../pages/CatalogAlbum.svelte")), nav: "/catalog" },
  { path: "/catalog/tracks/:id", title: "catalogue", load: page(() => import("../pages/CatalogTrack.svelte")), nav: "/catalog" },
  { path: "/search", title: "search", load: page(() => import("../pages/Search.svelte")), nav: "/search" },
  { path: "/libraries", title: "libraries", load: page(() => import("../pages/Libraries.svelte")), nav: "/libraries", admin: true },
  { path: "/libraries/:id", title: "library", load: page(() => import("../pages/LibraryOne.svelte")), nav: "/libraries", admin: true },
  { path: "/libraries/:id/preview/:preview", title: "previewTitle", load: page(() => import("../pages/ScanPreview.svelte")), nav: "/libraries", admin: true },
  { path: "/files", title: "files", load: page(() => import("../pages/Files.svelte")), nav: "/files", admin: true },
  { path: "/inbox", title: "inbox", load: page(() => import("../pages/Inbox.svelte")), nav: "/inbox", admin: true },
  { path: "/tag-rules", title: "tagRules", load: page(() => import("../pages/TagRules.svelte")), nav: "/settings", admin: true },
  { path: "/edits", title: "edits", load: page(() => import("../pages/Edits.svelte")), nav: "/edits" },
  { path: "/duplicates", title: "duplicates", load: page(() => import("../pages/Duplicates.svelte")), nav: "/duplicates", admin: true },
  { path: "/jobs", title: "jobs", load: page(() => import("../pages/Jobs.svelte")), nav: "/jobs", admin: true },
  { path: "/settings", title: "settings", load: page(() => import("../pages/Settings.svelte")), nav: "/settings", admin: true },
  { path: "/users", title: "users", load: page(() => import("../pages/Users.svelte")), nav: "/users", admin: true },
  { path: "/account", title: "account", load: page(() => import("../pages/Account.svelte")), nav: "/account" },
];
