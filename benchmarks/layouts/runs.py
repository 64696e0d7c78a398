"""Whole processes, their wall time and peak memory, kept in the cache so that a long comparison can be taken up again."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import resource
import shutil
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from layouts.programs import Program
from layouts.sets import CACHE, VectorSet


@dataclass(frozen=True)
class Run:
    """One whole process.

    Attributes:
        seconds: Wall time from its start to its end.
        peak_gb: Largest resident memory.
        started_at: Seconds since 1970.
        load: Processes that waited for a core in the minute before, the benchmark's own included.
        coordinates: SHA-256 of the coordinates, to tell whether runs agree bit for bit.
        said: What the program printed as JSON: its version, and for VISTA the seconds of its parts.
    """

    seconds: float
    peak_gb: float
    started_at: float
    load: float
    coordinates: str
    said: dict[str, Any]


@dataclass(frozen=True)
class Shelf:
    """Where the finished runs of one program on one set are kept; a shelf of other code, data or machine counts as empty."""

    chosen: VectorSet
    program: Program
    identity: str

    @property
    def folder(self) -> Path:
        return CACHE / "runs" / self.chosen.name / self.program.name

    @property
    def coordinates(self) -> Path:
        return self.folder / "coordinates.npy"

    def runs(self) -> list[Run]:
        """Return the finished runs, oldest first."""
        file = self.folder / "runs.json"
        kept = json.loads(file.read_text()) if file.is_file() else {}
        return [Run(**run) for run in kept["runs"]] if kept.get("identity") == self.identity else []

    def add(self, run: Run, coordinates: Path) -> None:
        """Keep one more run; the coordinates of the first are the ones that are judged."""
        runs = self.runs()
        if not runs:
            self.forget()
            self.folder.mkdir(parents=True)
            shutil.copyfile(coordinates, self.coordinates)
        unfinished = self.folder / "runs.json.new"
        unfinished.write_text(json.dumps({"identity": self.identity, "runs": [asdict(one) for one in [*runs, run]]}, indent=1))
        unfinished.rename(self.folder / "runs.json")

    def forget(self) -> None:
        """Throw the finished runs away."""
        shutil.rmtree(self.folder, ignore_errors=True)


def shelf(chosen: VectorSet, program: Program, set_hash: str) -> Shelf:
    """Return the shelf of a program on a set."""
    whole = f"{set_hash} {chosen.metric} {program.identity()} {cpu()} {os.cpu_count()}"
    return Shelf(chosen, program, hashlib.sha256(whole.encode()).hexdigest()[:16])


def time_program(program: Program, vectors: Path, metric: str, coordinates: Path, **environment: str) -> Run:
    """Run a program once and measure it."""
    at, load, started = time.time(), os.getloadavg()[0], time.perf_counter()
    process = subprocess.Popen(
        program.command(vectors, coordinates, metric), env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    output = process.stdout.read().decode(errors="replace") if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        raise SystemExit(f"{program.name} failed on {vectors.name}:\n{output[-2000:]}")
    return Run(seconds, peak_gb(usage), at, load, file_hash(coordinates), _said(output))


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def cpu() -> str:
    """Return the name of the processor."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.is_file() else []
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())


def peak_gb(usage: resource.struct_rusage) -> float:
    """Return the largest resident memory of a process that ended."""
    return usage.ru_maxrss * (1 if platform.system() == "Darwin" else 1024) / 1e9


def _said(output: str) -> dict[str, Any]:
    return json.loads(next(line for line in reversed(output.splitlines()) if line.startswith("{")))
