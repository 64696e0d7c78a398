"""The figure: R_NX over the neighborhood size, a panel a set, every curve labeled where it starts. An SVG of its own making.

It follows the reader's light or dark scheme, needs no font and no script, and holds its text as text.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from layouts.programs import ROOT

FIGURE = ROOT / "docs" / "images" / "layout-rnx.svg"
SHOWN = {
    "vista": "VISTA",
    "vista-continents": "VISTA, continents",
    "opentsne": "openTSNE",
    "manifolds-tsne": "manifolds-rs t-SNE",
    "umap-learn": "umap-learn",
    "manifolds-umap": "manifolds-rs UMAP",
    "fastumap": "fastumap",
    "pacmap": "PaCMAP",
}
COLUMNS = 2
PANEL_WIDTH_PX, PANEL_HEIGHT_PX = 440, 290
LEFT_PX, RIGHT_PX, TOP_PX, BOTTOM_PX = 156, 40, 52, 40
HEAD_PX, MARGIN_PX = 58, 12
LABEL_STEP_PX = 15.5
LEADER_PX = 14
TEXT_COLORS = {
    "ground": ("#ffffff", "#0d1117"),
    "ink": ("#1f2328", "#e6edf3"),
    "faint": ("#656d76", "#8d96a0"),
    "grid": ("#d8dee4", "#2b323b"),
}
CURVE_COLORS = {
    "vista": ("#c2410c", "#fb923c"),
    "vista-continents": ("#c2410c", "#fb923c"),
    "opentsne": ("#1d4ed8", "#60a5fa"),
    "manifolds-tsne": ("#0284c7", "#7dd3fc"),
    "umap-learn": ("#15803d", "#4ade80"),
    "manifolds-umap": ("#65a30d", "#a3e635"),
    "fastumap": ("#a16207", "#facc15"),
    "pacmap": ("#a21caf", "#e879f9"),
}


@dataclass(frozen=True)
class Curve:
    """The R_NX of one program on one set."""

    program: str
    area: float
    sizes: list[int]
    rnx: list[float]


@dataclass(frozen=True)
class Scale:
    """Where a neighborhood size (in logarithms) and an R_NX lie within a panel."""

    largest_k: int
    top: float

    def x_px(self, k: float) -> float:
        """Return the place of a neighborhood size, from the panel's left."""
        return LEFT_PX + (PANEL_WIDTH_PX - LEFT_PX - RIGHT_PX) * math.log(k) / math.log(self.largest_k)

    def y_px(self, rnx: float) -> float:
        """Return the place of an R_NX, from the panel's top; what is below chance lies on the axis."""
        return TOP_PX + (PANEL_HEIGHT_PX - TOP_PX - BOTTOM_PX) * (1 - max(0.0, rnx) / self.top)


def draw_figure(results: dict[str, Any]) -> None:
    """Draw every set that has curves, two in a row; nothing where there is none."""
    panels = [(chosen, curves) for chosen in results["sets"].values() if (curves := _curves(chosen))]
    if not panels:
        return
    width = COLUMNS * PANEL_WIDTH_PX + 2 * MARGIN_PX
    height = HEAD_PX + math.ceil(len(panels) / COLUMNS) * PANEL_HEIGHT_PX + MARGIN_PX
    drawn = [
        f'<g transform="translate({MARGIN_PX + i % COLUMNS * PANEL_WIDTH_PX} {HEAD_PX + i // COLUMNS * PANEL_HEIGHT_PX})">'
        + "\n".join(_panel(chosen, curves))
        + "</g>"
        for i, (chosen, curves) in enumerate(panels)
    ]
    FIGURE.parent.mkdir(parents=True, exist_ok=True)
    FIGURE.write_text("\n".join([*_opening(width, height), *drawn, "</svg>"]) + "\n")


def _curves(chosen: dict[str, Any]) -> list[Curve]:
    found = []
    for name in SHOWN:
        fidelity = chosen["programs"].get(name, {}).get("fidelity")
        if fidelity:
            sizes, rnx = zip(*fidelity["curve"], strict=True)
            found.append(Curve(name, fidelity["area"], list(sizes), list(rnx)))
    return found


def _opening(width: int, height: int) -> list[str]:
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img"'
        ' aria-label="How much of the true neighborhoods each layout keeps, over the size of the neighborhood">',
        f"<style>{_style(0)}@media (prefers-color-scheme: dark){{{_style(1)}}}",
        'text{font:12px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif}.title{font-size:14px;font-weight:600}',
        ".head{font-size:17px;font-weight:600}.small{font-size:11px}.curve{fill:none;stroke-width:1.6;stroke-linejoin:round}",
        ".leader{fill:none;stroke-width:.8;opacity:.6}.c-vista.curve{stroke-width:3}.l-vista{font-weight:700}",
        ".c-vista-continents.curve{stroke-width:2;stroke-dasharray:5 3}</style>",
        f'<rect class="ground" width="{width}" height="{height}" rx="8"/>',
        f'<text class="head ink" x="{MARGIN_PX + 12}" y="28">True neighbors kept, by the size of the neighborhood</text>',
        f'<text class="small faint" x="{MARGIN_PX + 12}" y="46">R_NX: 1 is a perfect map, 0 is chance. '
        "The number beside each name is the area under its curve, over log k.</text>",
    ]


def _style(scheme: int) -> str:
    texts = "".join(f".{name}{{{_paint(name)}:{colors[scheme]}}}" for name, colors in TEXT_COLORS.items())
    curves = "".join(f".c-{name}{{stroke:{colors[scheme]}}}.l-{name}{{fill:{colors[scheme]}}}" for name, colors in CURVE_COLORS.items())
    return texts + curves


def _paint(name: str) -> str:
    return "stroke" if name == "grid" else "fill"


def _panel(chosen: dict[str, Any], curves: list[Curve]) -> list[str]:
    highest = max(max(curve.rnx) for curve in curves)
    scale = Scale(chosen["n_items"] - 2, math.ceil(highest * 10 + 0.2) / 10)
    facts = f"{chosen['n_items']:,} × {chosen['dim']:,}, {chosen['metric']}"
    heading = [
        f'<text class="title ink" x="12" y="26">{escape(chosen["title"])}</text>',
        f'<text class="small faint" x="{PANEL_WIDTH_PX - RIGHT_PX}" y="26" text-anchor="end">{facts}</text>',
    ]
    return [*heading, *_axes(scale), *(_line(curve, scale) for curve in reversed(curves)), *_labels(curves, scale)]


def _axes(scale: Scale) -> list[str]:
    left, right, bottom = LEFT_PX, PANEL_WIDTH_PX - RIGHT_PX, scale.y_px(0)
    drawn = []
    step = 0.2 if scale.top > 0.6 else 0.1
    for i in range(int(scale.top / step + 1e-9) + 1):
        y = scale.y_px(i * step)
        drawn.append(f'<path class="grid" d="M{left} {y:.1f}H{right}"/>')
        drawn.append(f'<text class="small faint" x="{right + 6}" y="{y + 4:.1f}">{i * step:.1f}</text>')
    for power in range(int(math.log10(scale.largest_k)) + 1):
        x = scale.x_px(10**power)
        drawn.append(f'<path class="grid" d="M{x:.1f} {bottom}v5"/>')
        drawn.append(f'<text class="small faint" x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{10**power:,}</text>')
    middle = (left + right) / 2
    drawn.append(f'<text class="small faint" x="{middle}" y="{bottom + 33}" text-anchor="middle">neighborhood size k</text>')
    return drawn


def _line(curve: Curve, scale: Scale) -> str:
    places = [f"{scale.x_px(k):.1f} {scale.y_px(rnx):.1f}" for k, rnx in zip(curve.sizes, curve.rnx, strict=True)]
    return f'<path class="curve c-{curve.program}" d="M{"L".join(places)}"/>'


def _labels(curves: list[Curve], scale: Scale) -> list[str]:
    """Return a name for every curve at its left end, moved apart where they would overlap, and a line to the end it names."""
    ordered = sorted(curves, key=lambda curve: -curve.rnx[0])
    places = _apart([scale.y_px(curve.rnx[0]) for curve in ordered], LABEL_STEP_PX, TOP_PX - 8, PANEL_HEIGHT_PX - 16)
    drawn = []
    for curve, y in zip(ordered, places, strict=True):
        start, end = LEFT_PX - 3, LEFT_PX - 3 - LEADER_PX
        drawn.append(f'<path class="leader c-{curve.program}" d="M{start} {scale.y_px(curve.rnx[0]):.1f}L{end} {y:.1f}"/>')
        name = f'{escape(SHOWN[curve.program])} <tspan class="small">{curve.area:.3f}</tspan>'
        drawn.append(f'<text class="l-{curve.program}" x="{end - 3}" y="{y + 4:.1f}" text-anchor="end">{name}</text>')
    return drawn


def _apart(wanted: list[float], step: float, low: float, high: float) -> list[float]:
    """Return places at least `step` apart and within [low, high], in order, as near to the ascending `wanted` as may be.

    Labels that touch are taken together as one block around the mean of their wishes, as in isotonic regression.
    """
    blocks: list[tuple[float, int]] = []  # mean of (wish − rank · step), and number of labels
    for rank, wish in enumerate(wanted):
        mean, size = wish - rank * step, 1
        while blocks and blocks[-1][0] >= mean:
            before, n = blocks.pop()
            mean, size = (mean * size + before * n) / (size + n), size + n
        blocks.append((mean, size))
    last = high - (len(wanted) - 1) * step
    free = [min(max(mean, low), last) for mean, size in blocks for _ in range(size)]
    return [place + rank * step for rank, place in enumerate(free)]
