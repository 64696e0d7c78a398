import type { MapData } from "../bundle/map-data";
import type { Bounds, Projection } from "../state/camera";
import type { KeptCells } from "./kept-cells";
import type { Standing } from "./nearest";
import type { SeenPart } from "./seen-part";
import { TiledPlaces } from "./tiled-places";
import type { TiledPoints } from "./tiled-points";
import { WholePlaces } from "./whole-places";

export interface Place {
  x: number;
  y: number;
}

/** Where the items of a map lie. Of a small map all places are read when the first is needed; of a tiled one only those that are. */
export interface Places {
  /** Whether the places of all items can be told at once. */
  readonly areKnown: boolean;
  /** Reads the places of all items: on a tiled map only for what cannot do with less. */
  readAll(): Promise<void>;
  /** Whether the places of some items can be told at once. */
  know(items: ArrayLike<number>): boolean;
  read(items: ArrayLike<number>): Promise<void>;
  /** An item's place in the layout; undefined while that is unknown, or if this map does not show it. */
  of(item: number): Place | undefined;
  /** The middle of the cell of a level in which an item lies. */
  cellOf(item: number, level: number): Promise<Place | undefined>;
  /** Items that lie in the same cell of a level as this one, itself included. */
  sharing(item: number, level: number): Promise<number[]>;
  /** The coarsest level at which an item is alone in its cell, or the deepest. */
  levelAlone(item: number, deepest: number): Promise<number>;
  /** A zoom from which on an item's point is drawn whatever else is; 0 where every zoom draws it. */
  zoomTo(item: number): Promise<number>;
  /** Whether this map shows an item; true while that is unknown. */
  has(item: number): boolean;
  /** Whether filters that keep some rows keep an item. */
  keeps(item: number, mask: Uint8Array): boolean;
  /** What some rows are of the cells of a collage; null while places are unknown. */
  sieve(mask: Uint8Array): KeptCells | null;
  /** The item whose point is nearest to a place on the screen, within reach; only kept rows where a mask is given. */
  near(projection: Projection, point: Place, reachPx: number, mask: Uint8Array | null): Promise<number | null>;
  /** The item whose point is nearest to a place of the layout, however far it is. */
  nearestTo(place: Place): Promise<number | null>;
  /** The item nearest to a place, of those that another map of the set shows too; null where either map cannot tell at once. */
  nearestShared(place: Place, other: Places): number | null;
  /** The k items nearest to an item on the map, near to far; none if this map does not show it, or is too large to tell. */
  around(item: number, k: number): Promise<number[]>;
  /** How far some items are from one on the map; null for those that it does not show, and for all where it is too large to tell. */
  standings(item: number, others: readonly number[]): Promise<(Standing | null)[]>;
  /** Whether the screen shows the place of any item; true while that is unknown. */
  areOnScreen(projection: Projection, marginPx: number): boolean;
  /** Whether any of some rows is in the part that is seen; true where that takes too much to tell. */
  areSeen(mask: Uint8Array, part: SeenPart): Promise<boolean>;
  /** The box in which some rows lie, of a tiled map that of an even sample; null where there are none. */
  boundsOf(mask: Uint8Array): Promise<Bounds | null>;
  /** Share of false and of missing neighbors of an item, or null if this map does not show it or nothing is known of it. */
  trustOf(item: number): Promise<{ false: number; missing: number } | null>;
}

/** The places of a map, told by its tiles where it has some. */
export function placesOf(data: MapData, tiles: TiledPoints | null): Places {
  return tiles ? new TiledPlaces(data, tiles) : new WholePlaces(data);
}
