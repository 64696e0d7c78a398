import { Deck, OrthographicView } from "@deck.gl/core";
import { ScatterplotLayer } from "@deck.gl/layers";
import type { Projection } from "../state/camera";
import type { PointsPainter } from "./points";

const MAX_POINTS = 4_000_000;

/** Points by deck.gl. This is the only module that knows it, and it is fetched only when points are wanted. */
export class WebglPoints implements PointsPainter {
  readonly nDrawn: number;
  private readonly deck: Deck<OrthographicView>;
  private rgba: Uint8Array;

  constructor(
    canvas: HTMLCanvasElement,
    private readonly xy: Float32Array,
    onLost: () => void,
  ) {
    this.nDrawn = Math.min(xy.length / 2, MAX_POINTS);
    this.rgba = new Uint8Array(this.nDrawn * 4);
    canvas.addEventListener("webglcontextlost", onLost, { once: true });
    this.deck = new Deck({
      canvas,
      width: canvas.clientWidth,
      height: canvas.clientHeight,
      views: new OrthographicView({ id: "map", flipY: true }),
      controller: false,
      layers: [],
      onError: onLost,
    });
  }

  setColors(rgba: Uint8Array<ArrayBuffer>): void {
    this.rgba = rgba;
  }

  paint(projection: Projection, radiusPx: number): void {
    const { camera, pxPerUnit, viewport } = projection;
    const layer = new ScatterplotLayer({
      id: "points",
      data: {
        length: this.nDrawn,
        attributes: { getPosition: { value: this.xy, size: 2 }, getFillColor: { value: this.rgba, size: 4, normalized: true } },
      },
      getRadius: 1,
      radiusUnits: "pixels",
      radiusScale: radiusPx,
      antialiasing: true,
    });
    this.deck.setProps({
      width: viewport.widthPx,
      height: viewport.heightPx,
      viewState: { target: [camera.x, camera.y, 0], zoom: Math.log2(pxPerUnit) },
      layers: [layer],
    });
  }

  resize(widthPx: number, heightPx: number): void {
    this.deck.setProps({ width: widthPx, height: heightPx });
  }

  clear(): void {
    this.deck.setProps({ layers: [] });
  }

  destroy(): void {
    this.deck.finalize();
  }
}
