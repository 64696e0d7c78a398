const DATA_ADDRESS = /url\(["']?data:[^,]*;base64,([^"')]+)["']?\)/;

let isLoaded = false;

/** Gives the page the typefaces of a style sheet that was adopted inside an element, where browsers do not look for them. */
export function loadFonts(sheet: CSSStyleSheet): void {
  if (isLoaded) return;
  isLoaded = true;
  for (const rule of sheet.cssRules) {
    if (!(rule instanceof CSSFontFaceRule)) continue;
    const value = (name: string) => rule.style.getPropertyValue(name);
    const [, base64] = DATA_ADDRESS.exec(value("src")) ?? [];
    if (!base64) continue;
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const family = value("font-family").replace(/["']/g, "");
    const face = new FontFace(family, bytes, {
      weight: value("font-weight"),
      unicodeRange: value("unicode-range"),
      display: "swap",
    });
    document.fonts.add(face);
  }
}
