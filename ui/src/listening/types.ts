/** The shapes of statistics as they cross the API. */

import type { components } from "../api/schema";

type Schemas = components["schemas"];
export type Bar = Schemas["BarItem"];
export type Bars = Schemas["BarsAnswer"];
export type Placed = Schemas["PlacedItem"];
export type Top = Schemas["TopPage"];
export type Totals = Schemas["TotalsAnswer"];
export type Clock = Schemas["ClockAnswer"];
export type Streaks = Schemas["StreaksAnswer"];
export type Discoveries = Schemas["DiscoveryPage"];
export type Years = Schemas["YearsAnswer"];
export type Year = Schemas["YearAnswer"];
export type Heard = Schemas["ThingAnswer"];
