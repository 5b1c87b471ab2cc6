/** The shapes of analysis as they cross the API. */

import type { components } from "../api/schema";
import type { Track } from "../api/types";

type Schemas = components["schemas"];
export type Analysis = Schemas["TrackAnalysisAnswer"];
export type Beats = Schemas["AnalysisBeatsAnswer"];
export type Status = Schemas["AnalysisStatusAnswer"];
export type Failed = Schemas["AnalysisFailureItem"];
export type Asked = Schemas["AnalysisRequestAnswer"];
export type Say = Partial<Schemas["AnalysisSayBody"]>;
export type Like = Omit<Schemas["SimilarTrackItem"], "track"> & { track: Track };
export type Vote = Schemas["VoteItem"];
export type Finding = Schemas["AnalysisFindingItem"];
export type Transition = Schemas["TransitionAnswer"];
export interface SetRow { track: Track; transition: Transition | null; too_soon: boolean }
export interface MadeSet { items: SetRow[]; score: number; duration_ms: number; pool: number }
export type SetWish = Partial<Schemas["MixSetBody"]> & Pick<Schemas["MixSetBody"], "pool">;
