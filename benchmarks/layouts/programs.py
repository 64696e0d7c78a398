"""The programs that are compared: VISTA, at any point of its dial, and its peers, each a script that is run as a whole process."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass, replace
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[1]
ROOT = BENCHMARKS.parent
PEERS_PYTHON = ROOT / ".make" / "peers-layout" / "bin" / "python"
PEERS_PINNED = BENCHMARKS / "peers" / "layout-requirements.txt"
VISTA_ROOMS = ("layout", "neighbors", "metrics", "kernels")
REFERENCE = "manifolds-umap"  # every time is also told as a share of this program's


@dataclass(frozen=True)
class Program:
    """A program that places vectors.

    Attributes:
        name: What the command line calls it.
        title: What a reader calls it.
        family: "vista", "t-SNE", "UMAP" or "other".
        python: The interpreter of its environment.
        script: The script, called with vectors, coordinates and metric.
        variant: The script's last argument; "" for none.
        compiles: Whether each run starts without compiled code, as the first run on a machine does.
    """

    name: str
    title: str
    family: str
    python: Path
    script: Path
    variant: str = ""
    compiles: bool = False

    @property
    def is_vista(self) -> bool:
        return self.family == "vista"

    def command(self, vectors: Path, coordinates: Path, metric: str) -> list[str]:
        """Return the command line that places these vectors."""
        return [str(self.python), str(self.script), str(vectors), str(coordinates), metric, *([self.variant] if self.variant else [])]

    def identity(self) -> str:
        """Return a hash of what the result depends on: the script, and VISTA's code or the pinned versions."""
        pinned = vista_identity() if self.is_vista else PEERS_PINNED.read_text() + self.script.with_name("array_files.py").read_text()
        return hashlib.sha256(f"{self.variant} {self.script.read_text()} {pinned}".encode()).hexdigest()[:16]


def program_named(name: str) -> Program:
    """Return the program that the command line calls by this name; `vista@0.5` is VISTA at that point of its dial."""
    if name.startswith("vista@"):
        return _vista(name, f"VISTA, detail {name.removeprefix('vista@')}", name.removeprefix("vista@"))
    if name not in PROGRAMS:
        raise SystemExit(f"no program '{name}'. Known: {', '.join(PROGRAMS)}, and vista@DETAIL")
    return PROGRAMS[name]


def vista_identity() -> str:
    """Return a hash of the code that finds neighbors and lays out."""
    digest = hashlib.sha256()
    for file in _vista_files():
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _vista(name: str, title: str, detail: str = "") -> Program:
    return Program(name, title, "vista", Path(sys.executable), BENCHMARKS / "layouts" / "with_vista.py", detail)


def _peer(name: str, title: str, family: str, script: str, variant: str = "") -> Program:
    return Program(name, title, family, PEERS_PYTHON, BENCHMARKS / "peers" / script, variant)


def _vista_files() -> list[Path]:
    source = ROOT / "src" / "vista"
    return [source / "artifacts.py", *(file for room in VISTA_ROOMS for file in sorted((source / room).glob("*.py")))]


_ALL = (
    _vista("vista", "VISTA"),
    _vista("vista@0.3", "VISTA, detail 0.3", "0.3"),
    _vista("vista-continents", "VISTA, continents", "continents"),
    _vista("vista-grid", "VISTA, on a grid of cells", "grid"),
    _peer("manifolds-umap", "manifolds-rs UMAP", "UMAP", "with_manifolds_rs.py", "adam"),
    _peer("manifolds-umap-sgd", "manifolds-rs UMAP, SGD", "UMAP", "with_manifolds_rs.py", "sgd"),
    _peer("fastumap", "fastumap", "UMAP", "with_fastumap.py"),
    _peer("umap-learn", "umap-learn", "UMAP", "with_umap_learn.py"),
    _peer("umap-learn-seeded", "umap-learn, seeded", "UMAP", "with_umap_learn.py", "seeded"),
    _peer("pacmap", "PaCMAP", "other", "with_pacmap.py"),
    _peer("manifolds-tsne", "manifolds-rs t-SNE", "t-SNE", "with_manifolds_rs.py", "tsne"),
    _peer("opentsne", "openTSNE", "t-SNE", "with_opentsne.py"),
)
PROGRAMS = {one.name: one for one in _ALL}
FIRST_RUN = replace(PROGRAMS["vista"], name="vista-first-run", title="VISTA, first run", compiles=True)
