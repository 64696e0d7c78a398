import type { MapData } from "../bundle/map-data";
import type { Projection } from "../state/camera";
import { type Palette, POINT_OPACITY, shadesOf } from "../state/point-colors";
import { type CodesWish, type Coloring, type PointSource, type PointsFrame, strengthsOf } from "./point-source";
import type { PointBatch } from "./points";

/** The points of a map that are few enough to be read whole: one batch. */
export class WholePoints implements PointSource {
  onForgotten = (): void => {};
  private batch: PointBatch | null = null;
  private kept: Uint8Array | null = null;
  private picked: Uint8Array | null = null;
  private palette: Palette = [];
  private coloring: Coloring | null = null;
  private nWorking = 0;
  private isAsked = false;
  private version = 0;
  look = 0;

  constructor(
    private readonly data: MapData,
    private readonly onChange: () => void,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  get isLoading(): boolean {
    return this.nWorking > 0;
  }

  get isComplete(): boolean {
    return this.batch !== null && this.palette.length > 0;
  }

  frame(_projection: Projection, budget: { now: number }): PointsFrame | null {
    if (!this.isAsked) {
      this.isAsked = true;
      this.work(this.data.positions(), ({ xy }) => {
        this.batch = { ...this.around(xy), codes: null, strengths: this.strengths(xy.length / 2) };
        if (this.coloring) this.read(this.coloring);
      });
    }
    const { batch, palette, version } = this;
    if (!batch || palette.length === 0) return null;
    const n = Math.min(batch.n, Math.floor(budget.now));
    return {
      drawn: [{ batch, n }],
      palette,
      nDrawn: n,
      nInView: batch.n,
      isAbout: false,
      opacity: POINT_OPACITY,
      version,
    };
  }

  color(coloring: Coloring): void {
    if (coloring === this.coloring) return;
    const isSame = coloring.key === this.coloring?.key;
    this.coloring = coloring;
    if (!isSame && this.batch) this.read(coloring);
    else if (this.palette.length > 0) this.palette = coloring.palette;
    this.look++;
  }

  sift(kept: Uint8Array | null, picked: Uint8Array | null): void {
    if (kept === this.kept && picked === this.picked) return;
    this.kept = kept;
    this.picked = picked;
    if (this.batch) this.batch.strengths = this.strengths(this.batch.n);
    this.look++;
  }

  end(): void {}

  /** Places relative to the middle of the map, where single precision is finest. */
  private around(xy: Float32Array): Omit<PointBatch, "codes" | "strengths"> {
    const { extent } = this.data.map;
    const x0 = extent.x0 + extent.size / 2;
    const y0 = extent.y0 + extent.size / 2;
    const places = new Float32Array(xy.length);
    for (let at = 0; at < xy.length; at += 2) {
      places[at] = xy[at]! - x0;
      places[at + 1] = xy[at + 1]! - y0;
    }
    return { n: xy.length / 2, places, x0, y0, step: 1 };
  }

  private strengths(n: number): Uint8Array | null {
    return strengthsOf(this.kept, this.picked, 0, n);
  }

  /** Points keep their colors until the new ones are here. */
  private read(coloring: Coloring): void {
    const codes = coloring.codes ? this.codes(coloring.codes) : Promise.resolve(null);
    this.work(codes, (found) => {
      if (coloring.key !== this.coloring?.key || !this.batch) return;
      this.batch.codes = found;
      this.palette = this.coloring.palette;
      this.look++;
    });
  }

  private async codes(wish: CodesWish): Promise<Uint8Array | Uint16Array> {
    if (wish.kind === "trust") return this.data.trust(wish.which);
    const column = this.data.map.colors.find(({ name }) => name === wish.name)!;
    const values = await this.data.colorValues(column);
    return column.kind === "number" ? shadesOf(column, values) : (values as Uint8Array | Uint16Array);
  }

  private work<T>(task: Promise<T>, then: (value: T) => void): void {
    this.nWorking++;
    task
      .then((value) => {
        then(value);
        this.version++;
      })
      .catch(this.onFailure)
      .finally(() => {
        this.nWorking--;
        this.onChange();
      });
  }
}
