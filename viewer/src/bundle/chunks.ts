/** So many rows are gone through without a pause: some milliseconds. */
export const CHUNK_ROWS = 500_000;

/** Goes through many rows part by part, and lets the page draw in between. */
export async function inChunks(nRows: number, work: (start: number, end: number) => void): Promise<void> {
  for (let start = 0; start < nRows; start += CHUNK_ROWS) {
    if (start > 0) await new Promise((resolve) => setTimeout(resolve));
    work(start, Math.min(nRows, start + CHUNK_ROWS));
  }
}
