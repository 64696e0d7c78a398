import type { PointPx, Projection } from "./camera";

/** Where an item stood on the map that one comes from, and how far that map was zoomed in beyond its whole. */
export interface Arrival {
  item: number;
  at: PointPx;
  beyondFit: number;
}

/** The map of the same items that one comes from, as it was seen. */
export interface Departure {
  mapId: string;
  seen: Projection;
}
