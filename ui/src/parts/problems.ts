/** Why a file could not be read, in the chosen language where the catalogue knows the code, else in the server's words. */

import type { Reason } from "../api/types";
import { t } from "../i18n/index.svelte";

export const problemSentence = (problem: Reason): string => t.problems()[problem.code]?.(problem.params) ?? problem.sentence;
