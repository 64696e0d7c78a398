/** The record of one row in a map's file of neighbors: k items as uint32, then k distances as float32. */
export function neighborsFrom(record: Uint8Array<ArrayBuffer>, k: number): { items: number[]; distances: number[] } {
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  const items = Array.from({ length: k }, (_, at) => view.getUint32(4 * at, true));
  return { items, distances: items.map((_, at) => view.getFloat32(4 * (k + at), true)) };
}

/** Bytes of one row's record. */
export function recordBytes(k: number): number {
  return 8 * k;
}
