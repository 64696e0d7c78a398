/** The address of a map, for links: it opens in this tab or another. */
export function mapAddress(id: string, item?: number): string {
  return `#map=${encodeURIComponent(id)}${item === undefined ? "" : `&item=${item}`}`;
}
