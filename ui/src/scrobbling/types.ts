/** The shapes of scrobbling that cross the API. */

import type { components } from "../api/schema";

type Schemas = components["schemas"];

export type ScrobbleAccount = Schemas["ScrobbleAccountItem"];
export type ScrobbleChoices = Schemas["ScrobbleChoices"];
export type Scrobble = Schemas["ScrobbleItem"];
export type Overview = Schemas["ScrobblingAnswer"];
