"""What is looked at: the same Parquet file as VISTA's site and as its peers' sites; all are made once and kept in the cache."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from datasets import CACHE, clusters_parquet
from viewing.browser import Clip

ROOT = Path(__file__).resolve().parents[2]
SITES = CACHE / "viewer"
SHOTS = SITES / "shots"
VISTA = str(Path(sys.executable).with_name("vista"))
PEERS = {"embedding-atlas 0.26": ROOT / ".make" / "peers" / "bin", "embedding-atlas 0.22": ROOT / ".make" / "peers-viewer" / "bin"}


@dataclass(frozen=True)
class Subject:
    """A site to look at: its name, its folder, where on its page the map is, in px, and the address within it."""

    name: str
    folder: Path
    clip: Clip
    address: str = ""

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of the map on the page."""
        return self.clip["x"] + self.clip["width"] / 2, self.clip["y"] + self.clip["height"] / 2


def vista_site(n: int) -> Subject:
    """Return VISTA's site of `n` items, with the viewer as it is now; the atlas is made once."""
    atlas, site = SITES / f"atlas-{n}", SITES / f"site-{n}"
    if not (atlas / "atlas.json").is_file():
        asked = ["--x", "x", "--y", "y", "--labels", "topic", "--quiet"]
        subprocess.run([VISTA, "map", str(clusters_parquet(n)), "-o", str(atlas), *asked], check=True)
    shutil.rmtree(site, ignore_errors=True)
    subprocess.run([VISTA, "export", str(atlas), "--to", "site", "-o", str(site), "--quiet"], check=True)
    return Subject(f"VISTA {n // 1_000_000} M", site, {"x": 440, "y": 200, "width": 400, "height": 400})


def peers(n: int) -> list[Subject]:
    """Return the peers' sites of `n` items: the last of the line, and the last that draws by WebGL."""
    found = []
    for name, programs in PEERS.items():
        site = SITES / f"{name.replace(' ', '-')}-{n}"
        if not (programs / "embedding-atlas").is_file():
            print(f"{name} is not installed: make .make/{programs.parent.name}/ready")
            continue
        if not (site / "index.html").is_file():
            command = [str(programs / "embedding-atlas"), str(clusters_parquet(n)), "--x", "x", "--y", "y", "--disable-projection"]
            subprocess.run([*command, "--export-application", str(site)], check=True)
        found.append(Subject(name, site, {"x": 200, "y": 110, "width": 500, "height": 320}))
    return found
