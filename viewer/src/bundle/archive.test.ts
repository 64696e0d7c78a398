import { expect, test } from "vitest";
import { FileSource } from "./archive";

/** An archive of 20 000 bytes whose root directory ends at a byte. */
function archive(rootEnd: number, n = 20_000) {
  const bytes = Uint8Array.from({ length: n }, (_, at) => at % 251);
  const header = new DataView(bytes.buffer);
  header.setBigUint64(8, 127n, true);
  header.setBigUint64(16, BigInt(rootEnd - 127), true);
  const asked: string[] = [];
  const span = async (_path: string, offset: number, length: number) => {
    asked.push(`${offset}+${length}`);
    return bytes.slice(offset, offset + length);
  };
  return { source: new FileSource({ span }, "a.pmtiles"), asked, bytes };
}

test("no more is read of an archive's beginning than its root needs", async () => {
  const { source, asked, bytes } = archive(8_000);
  const { data } = await source.getBytes(0, 16_384);
  expect(asked).toEqual(["0+9000"]);
  expect([...new Uint8Array(data)]).toEqual([...bytes.slice(0, 9_000)]);
});

test("a root that is longer is read to its end", async () => {
  const { source, asked, bytes } = archive(12_345);
  const { data } = await source.getBytes(0, 16_384);
  expect(asked).toEqual(["0+9000", "9000+3345"]);
  expect([...new Uint8Array(data)]).toEqual([...bytes.slice(0, 12_345)]);
});

test("a small archive comes whole, and tiles are read as they are asked for", async () => {
  const small = archive(200, 400);
  expect((await small.source.getBytes(0, 16_384)).data.byteLength).toBe(400);
  const { source, asked } = archive(200);
  await source.getBytes(5_000, 12_000);
  expect(asked).toEqual(["5000+12000"]);
});
