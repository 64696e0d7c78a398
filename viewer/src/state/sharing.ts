import type { Viewport } from "./camera";

/** How many times as sharp as on a plain screen a picture can be taken. */
export const SCALES = [1, 2, 3, 4] as const;
export type Scale = (typeof SCALES)[number];

/** Browsers draw no more in one piece: on a side, and in all. */
const LARGEST_SIDE_PX = 16_000;
const LARGEST_AREA_PX = 72_000_000;

const FRAME_HEIGHT_PX = 560;

export function pictureSize({ widthPx, heightPx }: Viewport, scale: number, captionPx: number): Viewport {
  return { widthPx: Math.round(widthPx * scale), heightPx: Math.round((heightPx + captionPx) * scale) };
}

/** Whether browsers can draw a picture of this size. */
export function canDraw({ widthPx, heightPx }: Viewport): boolean {
  return Math.max(widthPx, heightPx) <= LARGEST_SIDE_PX && widthPx * heightPx <= LARGEST_AREA_PX;
}

/** A file name from a title: what letters and digits there are in it, in any script. */
export function fileName(title: string, scale: number): string {
  const words = title.normalize("NFC").match(/[\p{L}\p{N}]+/gu) ?? [];
  const name = Array.from(words.join("-").toLowerCase()).slice(0, 60).join("");
  return `${name || "map"}${scale === 1 ? "" : `@${scale}x`}.png`;
}

/** The address of a view as a part of another page. */
export function embedAddress(address: string): string {
  const url = new URL(address);
  const others = [...new URLSearchParams(url.search)].filter(([name]) => name !== "embed");
  url.search = ["embed", ...others.map(([name, value]) => (value ? `${name}=${encodeURIComponent(value)}` : name))].join("&");
  return url.href;
}

/** The address of a view on a page of its own. */
export function fullAddress(address: string): string {
  const url = new URL(address);
  const kept = [...new URLSearchParams(url.search)].filter(([name]) => name !== "embed");
  url.search = kept.map(([name, value]) => (value ? `${name}=${encodeURIComponent(value)}` : name)).join("&");
  return url.href;
}

/** The lines to be pasted into another page. */
export function embedCode(address: string, title: string): string {
  const text = (value: string) =>
    value.replace(/[\t\n\r ]+/g, " ").replace(/[&"<>]/g, (character) => `&#${character.charCodeAt(0)};`);
  return `<iframe src="${text(embedAddress(address))}" title="${text(title)}" width="100%" height="${FRAME_HEIGHT_PX}" style="border: 0" loading="lazy" allow="fullscreen; clipboard-write"></iframe>`;
}

/** Whether nobody else can follow an address, since it leads to this machine. */
export function isOfThisMachine(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return (
    protocol === "file:" ||
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    /^127(\.\d{1,3}){3}$|^\[::1\]$/.test(hostname)
  );
}
