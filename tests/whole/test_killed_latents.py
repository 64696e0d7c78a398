"""`vista latents` can be killed at any moment: the same command goes on from what is kept, and ends with the same atlas."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vista
from representations.tiny_language_models import WORDS, save
from sae.small_autoencoders import write_perfect
from vista.execution import default_cache_folder

TESTS = Path(__file__).parents[1]
N_KILLS = 3
Run = Callable[[Path, list[str], int | None], tuple[int, int]]


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """Run a command with a cache of its own, kill it at its nth step where one is given; return its steps and its exit code."""
    command = [sys.executable, "-m", "whole.latents_to_kill"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])])}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None
        assert stdout is not None

        def one(cache: Path, arguments: list[str], kill_at: int | None) -> tuple[int, int]:
            print(json.dumps([str(cache), arguments]), file=stdin, flush=True)
            pid, n_steps = int(stdout.readline()), 0
            while (line := stdout.readline()).startswith("step"):
                n_steps += 1
                if n_steps == kill_at:
                    os.kill(pid, signal.SIGKILL)
            return n_steps, int(line.split()[1])

        yield one
        stdin.close()


def cache_in(folder: Path) -> Path:
    """Return an empty cache, in which only the compiled kernels are."""
    folder.mkdir(parents=True)
    (folder / "kernels").symlink_to(default_cache_folder() / "kernels")
    return folder


def told(atlas: Path) -> dict[str, Any]:
    """Return all that an atlas says but when and how fast it was made; the hashes of its files stand for these."""
    manifest = vista.open(atlas).manifest
    vista.open(atlas).verify()
    return {**manifest, "provenance": {key: value for key, value in manifest["provenance"].items() if key not in ("created", "seconds")}}


def test_a_study_killed_at_any_moment_ends_with_the_same_atlas(run: Run, tmp_path: Path) -> None:
    model = save(tmp_path / "models" / "tiny-gemma-2", "gemma2")
    sae = write_perfect(tmp_path / "saes" / "gemma-scope-2b-pt-res/layer_1/width_16k/average_l0_16")
    random = np.random.default_rng(0)
    data = tmp_path / "texts.csv"
    data.write_text("text\n" + "\n".join(" ".join(random.choice(WORDS, 6)) for _ in range(60)) + "\n")
    asked = ["latents", "--data", str(data), "--model", str(model), "--sae", str(sae), "--latents", "3,random:1", "--pictures", "cards"]
    whole, again, killed = (tmp_path / name / "atlas" for name in ("whole", "again", "killed"))
    cache = cache_in(tmp_path / "cache")
    assert run(cache, [*asked, "--quiet", "-o", str(whole)], None)[1] == 0
    n_steps, code = run(cache, [*asked, "--quiet", "-o", str(again)], None)  # as many as are left where all that can be kept is
    assert code == 0
    assert told(again) == told(whole)

    cache, codes = cache_in(tmp_path / "other-cache"), []
    for moment in sorted(random.choice(np.arange(1, n_steps), N_KILLS, replace=False).tolist()):
        codes.append(run(cache, [*asked, "--quiet", "-o", str(killed)], moment)[1])
        assert not killed.exists()
    assert run(cache, [*asked, "--quiet", "-o", str(killed)], None)[1] == 0

    assert codes == N_KILLS * [-signal.SIGKILL]
    assert told(killed) == told(whole)
    assert os.listdir(killed.parent) == ["atlas"]
