import type { Positions } from "../bundle/columns";
import type { MapData } from "../bundle/map-data";
import type { Projection } from "../state/camera";
import type { FidelityLayer } from "../state/hash";
import { type Rgb, rampOf } from "../state/palette";
import { colorsByColumn, colorsByTrust, oneColor, sifted } from "../state/point-colors";
import type { Places } from "./places";
import { type PointsPainter, webglProblem } from "./points";

const POINT_ALPHA = 225;
const PLAIN_LIGHT: Rgb = [70, 84, 110];
const PLAIN_DARK: Rgb = [168, 184, 212];

/** What the points are to say. */
export interface PointsMeaning {
  fidelity: FidelityLayer;
  colorBy: string | null;
  /** 1 for each row that the filters keep; null while nothing is filtered. */
  kept: Uint8Array | null;
  /** 1 for each row that is selected; null while none is. */
  picked: Uint8Array | null;
  isDark: boolean;
}

export interface PointsEvents {
  onChange(): void;
  onFailure(error: unknown): void;
  onLimit(reason: string): void;
}

/** The points of a map: starts a painter when they are first wanted, and keeps their colors up to date. */
export class PointsLayer {
  private painter: PointsPainter | null = null;
  private nWorking = 0;
  private hasFailed = false;
  private isEnded = false;
  private colorsKey = "";
  /** The colors of all rows, and the filters that were last laid over them. */
  private colors: Uint8Array<ArrayBuffer> | null = null;
  private siftedBy: Uint8Array | null | undefined;
  private pickedBy: Uint8Array | null = null;
  private size = { widthPx: 1, heightPx: 1, ratio: 1 };

  constructor(
    private readonly data: MapData,
    private readonly places: Places,
    private readonly parent: HTMLElement,
    private readonly events: PointsEvents,
  ) {}

  get isLoading(): boolean {
    return this.nWorking > 0;
  }

  paint(projection: Projection, radiusPx: number, meaning: PointsMeaning): void {
    if (!this.painter) {
      if (!this.isLoading && !this.hasFailed) this.work(this.start());
      return;
    }
    this.updateColors(this.painter, meaning);
    this.painter.paint(projection, radiusPx);
  }

  clear(): void {
    this.painter?.clear();
  }

  resize(widthPx: number, heightPx: number, ratio: number): void {
    this.size = { widthPx, heightPx, ratio };
    this.painter?.resize(widthPx, heightPx, ratio);
  }

  end(): void {
    this.isEnded = true;
    this.painter?.destroy();
  }

  private work(task: Promise<void>): void {
    this.nWorking++;
    task
      .catch((error) => {
        this.hasFailed = true;
        this.events.onFailure(error);
      })
      .finally(() => {
        this.nWorking--;
        this.events.onChange();
      });
  }

  private async start(): Promise<void> {
    const positions = await this.places.read();
    const problem = webglProblem();
    const painter = problem === null ? await this.webglPainter(positions) : await this.canvasPainter(positions, problem);
    if (this.isEnded) painter.destroy();
    else this.painter = painter;
  }

  private async webglPainter(positions: Positions): Promise<PointsPainter> {
    const { WebglPoints } = await import("./points-webgl");
    return new WebglPoints(this.newCanvas(), positions.xy, () => this.work(this.fallBack(positions)));
  }

  private async canvasPainter(positions: Positions, problem: string): Promise<PointsPainter> {
    const { CanvasPoints } = await import("./points-canvas");
    const painter = new CanvasPoints(this.newCanvas(), positions.xy);
    painter.resize(this.size.widthPx, this.size.heightPx, this.size.ratio);
    this.events.onLimit(`${problem}: points are drawn more slowly, at most ${painter.nDrawn} of ${positions.item.length}.`);
    return painter;
  }

  /** A graphics card may take its context away at any time. */
  private async fallBack(positions: Positions): Promise<void> {
    if (this.isEnded) return;
    this.painter?.destroy();
    this.painter = await this.canvasPainter(positions, "The graphics card gave up");
    this.colorsKey = "";
  }

  private newCanvas(): HTMLCanvasElement {
    const canvas = document.createElement("canvas");
    this.parent.replaceChildren(canvas);
    return canvas;
  }

  /** Colors are computed again only when what they say has changed. */
  private updateColors(painter: PointsPainter, meaning: PointsMeaning): void {
    const key = [meaning.fidelity, meaning.colorBy, meaning.isDark].join("|");
    if (key !== this.colorsKey) this.readColors(key, painter.nDrawn, meaning);
    const { kept, picked } = meaning;
    if (!this.colors || (this.siftedBy === kept && this.pickedBy === picked)) return;
    this.siftedBy = kept;
    this.pickedBy = picked;
    painter.setColors(kept || picked ? sifted(this.colors, kept, picked) : this.colors);
  }

  private readColors(key: string, nDrawn: number, { fidelity, colorBy, isDark }: PointsMeaning): void {
    this.colorsKey = key;
    const { map } = this.data;
    const column = map.colors.find(({ name }) => name === colorBy);
    const apply = (rgba: Uint8Array<ArrayBuffer>) => {
      if (key !== this.colorsKey) return;
      this.colors = rgba;
      this.siftedBy = undefined;
    };
    if (fidelity !== "none") {
      this.work(this.data.trust(fidelity).then((shares) => apply(colorsByTrust(shares, POINT_ALPHA))));
    } else if (column) {
      const ramp = rampOf(map, column, isDark);
      this.work(this.data.colorValues(column).then((values) => apply(colorsByColumn(column, values, POINT_ALPHA, ramp))));
    } else apply(oneColor(nDrawn, isDark ? PLAIN_DARK : PLAIN_LIGHT, POINT_ALPHA));
  }
}
