import { expect, test } from "vitest";
import { canDraw, embedAddress, embedCode, fileName, fullAddress, isOfThisMachine, pictureSize } from "./sharing";

test("a picture is as many times as large as the view with its caption", () => {
  expect(pictureSize({ widthPx: 1280, heightPx: 800 }, 3, 50)).toEqual({ widthPx: 3840, heightPx: 2550 });
});

test("a picture that browsers cannot draw is not offered", () => {
  expect(canDraw({ widthPx: 1280 * 4, heightPx: 800 * 4 })).toBe(true);
  expect(canDraw({ widthPx: 3840 * 4, heightPx: 2160 * 4 })).toBe(false);
  expect(canDraw({ widthPx: 17_000, heightPx: 10 })).toBe(false);
});

test("a file is named after the map, in any script, and a map without a letter in its name has one too", () => {
  expect(fileName("Emoji: by meaning/../", 2)).toBe("emoji-by-meaning@2x.png");
  expect(fileName("שלום עולם", 1)).toBe("שלום-עולם.png");
  expect(fileName("<>//", 1)).toBe("map.png");
});

test("an address becomes one to embed and back, and keeps what else it says", () => {
  const address = "https://host.test/some/where/?raster#map=main&c=1,2,3";
  expect(embedAddress(address)).toBe("https://host.test/some/where/?embed&raster#map=main&c=1,2,3");
  expect(embedAddress(embedAddress(address))).toBe(embedAddress(address));
  expect(fullAddress(embedAddress(address))).toBe(address);
  expect(fullAddress("https://host.test/?embed#c=0,0,1")).toBe("https://host.test/#c=0,0,1");
});

test("embed code holds neither a quote nor a tag of the title", () => {
  const code = embedCode('https://host.test/#q="a"&b=<i>', 'a "title" <script>\n& more');
  expect(code.match(/<[^>]*>/g)).toEqual([expect.stringMatching(/^<iframe /), "</iframe>"]);
  expect(code).toContain('title="a &#34;title&#34; &#60;script&#62; &#38; more"');
  expect(code).toContain("?embed#");
});

test.each(["http://127.0.0.1:8700/", "http://localhost:3000/#a", "http://[::1]/", "file:///tmp/index.html"])(
  "%s leads nobody else here",
  (address) => expect(isOfThisMachine(address)).toBe(true),
);

test("an address on a host leads others there", () => {
  expect(isOfThisMachine("https://127.example.org/")).toBe(false);
});
