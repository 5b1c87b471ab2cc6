/** The shapes of the catalogue as they cross the API. */

import type { components } from "../api/schema";

type Schemas = components["schemas"];
export type CatalogTrack = Schemas["CatalogTrackItem"];
export type CatalogAlbum = Schemas["CatalogAlbumItem"];
export type CatalogArtist = Schemas["CatalogArtistItem"];
export type CatalogArtistAlbum = Schemas["CatalogArtistAlbumItem"];
export type CatalogCredit = Schemas["CatalogCreditItem"];
export type CatalogFound = Schemas["CatalogSearchAnswer"];
export type CatalogStatus = Schemas["CatalogStatusAnswer"];
export type Link = Schemas["LinkItem"];
export type AlbumBeside = Schemas["AlbumCatalogAnswer"];
export type Beside = Schemas["BesideItem"];
export type DiscographyPage = Schemas["DiscographyAnswer"];
export type Suggestions = Schemas["SuggestionsAnswer"];
export type Waiting = Schemas["WaitingItem"];
export type LinkCounts = Schemas["LinkCountsAnswer"];
