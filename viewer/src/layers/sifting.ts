import { CellStrength, type KeptCells } from "./kept-cells";
import { KeptRegions } from "./kept-regions";
import type { LabelsLayer } from "./labels";
import type { PictureLayer } from "./picture-layer";
import type { Sight } from "./sight";
import type { Hit } from "./wishes";

/** What the filters and the selection leave of a map's cells and names, told anew when they have changed. */
export class Sifting {
  private keptBy: Uint8Array | null = null;
  private pickedBy: Uint8Array | null = null;
  /** What the filters, and the selection, are of the cells. */
  kept: KeptCells | null = null;
  picked: KeptCells | null = null;

  constructor(private readonly sight: Sight) {}

  /** Hands what is left to the layers, when that has changed. */
  apply(picture: PictureLayer, labels: LabelsLayer): void {
    const { data, places, refresh } = this.sight;
    const { kept, picked } = this.sight.wishes;
    if (kept === this.keptBy && picked === this.pickedBy) return;
    // Points are sifted by rows; only cells need to know where all items lie.
    const needsPlaces = data.map.collage !== null || !data.isTiled;
    if (needsPlaces && (kept || picked) && !places.areKnown) {
      this.sight.reading(places.readAll(), () => {});
      return;
    }
    if (kept !== this.keptBy) {
      this.kept = kept && places.sieve(kept);
      const regions = kept && needsPlaces ? new KeptRegions(data, kept, refresh) : null;
      labels.isGone = ({ level, region }) => regions?.isGone(level, region) ?? false;
    }
    if (picked !== this.pickedBy) this.picked = picked && places.sieve(picked);
    this.keptBy = kept;
    this.pickedBy = picked;
    picture.sieve(this.kept || this.picked ? new CellStrength(this.kept, this.picked) : null);
  }

  /** How many of the items that a hit stands for pass the filters; null while nothing is filtered. */
  keptAt(hit: Hit): number | null {
    return this.countAt(this.kept, this.sight.wishes.kept, hit);
  }

  /** How many of the items that a hit stands for are selected; null while nothing is. */
  pickedAt(hit: Hit): number | null {
    return this.countAt(this.picked, this.sight.wishes.picked, hit);
  }

  private countAt(cells: KeptCells | null, mask: Uint8Array | null, { item, cell, level }: Hit): number | null {
    if (!mask) return null;
    if (cell) return cells?.countIn(level, cell.column, cell.row) ?? null;
    return Number(this.sight.places.keeps(item, mask));
  }
}
