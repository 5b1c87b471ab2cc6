/** The shapes of what is one's own, as they cross the API. */

import type { components } from "../api/schema";

type Schemas = components["schemas"];
export type OwnTag = Schemas["OwnTagItem"];
export type WornTag = Schemas["WornTagItem"];
export type Changed = Schemas["PlayChangesAnswer"];
export type PlayChange = Schemas["ChangeItem"];
export type Source = Schemas["SourceItem"];
export type QueueOf = Schemas["QueueItem"];
export type Searches = Schemas["SearchPage"];
