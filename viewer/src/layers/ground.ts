import type { Projection } from "../state/camera";
import type { KeptCells } from "./kept-cells";
import { keptGround } from "./kept-ground";
import { extentRect } from "./rect";
import type { Sight } from "./sight";

/** What is left of the ground while filters are on, where it cannot be told of which places. */
const FILTERED_SHARE = 0.25;

/** What lies under the collage: soft color, or how densely the items lie, and the relief of an activation. */
export class Ground {
  private picture: ImageBitmap | null = null;
  private terrain: ImageBitmap | null = null;
  private isTerrainAsked = false;
  /** The ground with what the filters leave of it. */
  private faded: { by: KeptCells; picture: CanvasImageSource } | null = null;

  constructor(private readonly sight: Sight) {}

  readFirst(): void {
    const { data } = this.sight;
    if (data.map.ground) this.sight.reading(data.wholePicture(data.map.ground), (picture) => (this.picture = picture));
  }

  paint(context: CanvasRenderingContext2D, projection: Projection, kept: KeptCells | null): void {
    const { wishes, tokens, data } = this.sight;
    if (wishes.layers.ground && this.picture) {
      const { x, y, width, height } = extentRect(projection, data.map.extent);
      const isUnread = wishes.kept !== null && !kept;
      context.globalAlpha = tokens.groundOpacity * this.share() * (isUnread ? FILTERED_SHARE : 1);
      context.drawImage(this.pictureOf(this.picture, kept), x, y, width, height);
    }
    this.paintTerrain(context, projection);
  }

  /** The ground shapes the whole map; nearer, it would only tint the pictures. */
  private share(): number {
    return Math.max(0.4, 1 - 0.17 * Math.max(0, this.sight.beyondFit));
  }

  private pictureOf(ground: ImageBitmap, kept: KeptCells | null): CanvasImageSource {
    if (!kept) return ground;
    if (this.faded?.by !== kept) this.faded = { by: kept, picture: keptGround(ground, kept) };
    return this.faded.picture;
  }

  /** The relief is asked for when it is first wanted. */
  private paintTerrain(context: CanvasRenderingContext2D, projection: Projection): void {
    const { data, wishes, tokens } = this.sight;
    const { terrain, extent } = data.map;
    if (!terrain || !wishes.layers.terrain) return;
    if (!this.isTerrainAsked) {
      this.isTerrainAsked = true;
      this.sight.reading(data.wholePicture(terrain), (picture) => (this.terrain = picture));
    }
    if (!this.terrain) return;
    const { x, y, width, height } = extentRect(projection, extent);
    context.globalAlpha = tokens.terrainOpacity;
    context.drawImage(this.terrain, x, y, width, height);
    context.globalAlpha = 1;
  }
}
