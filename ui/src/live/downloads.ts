/** Downloads as people read them. */

import type { components } from "../api/schema";

type Schemas = components["schemas"];
export type Download = Schemas["DownloadItem"];
export type DownloadPage = Schemas["DownloadDetails"];
export type DownloadSettings = Schemas["DownloadSettingsItem"];

/** Not ended yet. */
export const ACTIVE: readonly Download["status"][] = ["queued", "resolving", "downloading", "verifying", "paused"];
