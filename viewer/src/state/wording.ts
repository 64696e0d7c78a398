/** Stands where there is no value. */
const NONE = "—";
const whole = new Intl.NumberFormat("en-US");

export function countText(n: number): string {
  return whole.format(n);
}

export function itemsText(n: number): string {
  return n === 1 ? "1 item" : `${countText(n)} items`;
}

/** A share as a percentage with as many digits as help: 43 %, 2.5 %, 0.6 %, 99.8 %. */
export function percentText(share: number | null): string {
  if (share === null) return NONE;
  const percent = share * 100;
  if (percent > 99.5 && percent < 100) return percent > 99.9 ? "> 99.9 %" : `${percent.toFixed(1)} %`;
  return `${percent >= 9.95 || percent === 0 ? percent.toFixed(0) : percent.toFixed(1)} %`;
}

/** 1st, 2nd, 3rd, 4th … */
export function ordinalText(n: number): string {
  const isTeen = n % 100 > 10 && n % 100 < 14;
  return `${countText(n)}${isTeen ? "th" : (["th", "st", "nd", "rd"][n % 10] ?? "th")}`;
}

/** A figure with three digits after the point. */
export function figureText(value: number | null): string {
  return value === null
    ? NONE
    : value
        .toFixed(3)
        .replace(/^-(?!0\.000$)/, "−")
        .replace("-", "");
}

/** A number with at most `digits` significant digits, without trailing zeros. */
export function numberText(value: number, digits = 3): string {
  if (Number.isInteger(value)) return countText(value);
  return String(Number(value.toPrecision(digits)));
}

/** A value of a user's column as text. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return NONE;
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : numberText(value, 6);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** How many points are drawn of those in view, and how many each stands for. */
export function drawnText({ nDrawn, nInView, isAbout }: { nDrawn: number; nInView: number; isAbout: boolean }): string {
  const told = (n: number) => countText(isAbout ? Number(n.toPrecision(3)) : n);
  const about = isAbout ? "About " : "";
  if (nDrawn >= nInView) return isAbout ? `About ${told(nInView)} points here, all drawn` : `All ${told(nInView)} points drawn`;
  const k = nInView / Math.max(1, nDrawn);
  const each = k < 10 ? numberText(k, 2) : countText(Math.round(k));
  return `${about}${told(nDrawn)} of ${told(nInView)} points drawn; each stands for about ${each}`;
}
