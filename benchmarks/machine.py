"""Where a figure was measured: processor, cores, versions, and the commit, with a mark where the tree differs from it."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]


def machine(*packages: str) -> dict[str, object]:
    """Return what a result records of the machine, with the versions of some packages."""
    found: dict[str, object] = {"cpu": cpu(), "cores": os.cpu_count(), "python": platform.python_version(), "commit": commit()}
    return found | {name: version(name) for name in packages}


def cpu() -> str:
    """Return the processor's name."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())


def commit() -> str:
    """Return the commit's hash, followed by "+" where tracked files differ from it."""
    hash_of_head = _git("rev-parse", "HEAD")
    return hash_of_head + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
