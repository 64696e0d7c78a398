import type { MapData } from "../bundle/map-data";
import type { SelectionPort } from "./host";
import type { ViewState } from "./view.svelte";

/** Selections beyond this are not handed over. */
const MOST_TOLD = 1_000_000;

/** Tells whoever embeds the viewer what is selected here: what is picked, or else the item that is open. */
export async function tellSelection(port: SelectionPort, data: MapData, view: ViewState): Promise<void> {
  const { selected } = view;
  const { picked } = view.selection;
  if (picked && picked.n > MOST_TOLD) return;
  const items = picked ? [...(await view.selection.items())] : selected === null ? [] : [selected];
  if (picked === view.selection.picked) port.tell(items, data.map.id);
}

/** Selects what is selected there: one item is opened, more are picked. Returns a function that ends it. */
export function hearSelection(
  port: SelectionPort,
  data: MapData,
  view: ViewState,
  { onVisit, onNothing }: { onVisit: (item: number) => void; onNothing: () => void },
): () => void {
  return port.listen(async (items) => {
    const [item] = items;
    if (items.length > 1) {
      await view.selection.act("set", { kind: "items", items });
      return;
    }
    view.selection.clear();
    if (item === undefined) onNothing();
    else if (item !== view.selected && item < data.set.nItems) onVisit(item);
  });
}
