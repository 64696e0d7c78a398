/** The design's colors, read from the style sheet so that canvas and page never differ. */
export interface Tokens {
  isDark: boolean;
  page: string;
  ink: string;
  inkSoft: string;
  accent: string;
  onAccent: string;
  found: string;
  heat: string;
  /** What a bar of heat runs over. */
  heatTrack: string;
  wrong: string;
  groundOpacity: number;
  terrainOpacity: number;
  font: string;
}

export function readTokens(element: Element): Tokens {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(name).trim();
  return {
    isDark: token("--is-dark") === "1",
    page: token("--page"),
    ink: token("--ink"),
    inkSoft: token("--ink-soft"),
    accent: token("--accent"),
    onAccent: token("--on-accent"),
    found: token("--found"),
    heat: token("--heat-ink"),
    heatTrack: token("--heat-track"),
    wrong: token("--wrong"),
    groundOpacity: Number(token("--ground-opacity")) || 1,
    terrainOpacity: Number(token("--terrain-opacity")) || 1,
    font: token("--font"),
  };
}
