"""Runs commands in processes that tests kill: `python -m whole.latents_to_kill` reads one a line, as JSON `[cache, arguments]`.

Each runs in a fork of this process, which has imported all that is slow to import. It prints its process id, then `step` at
every step of its progress, at last `ended` and its exit code.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pkgutil import walk_packages

import vista
from vista.cli import commands
from vista.cli.main import exit_code
from vista.execution.progress import Advance

SLOW = (
    "torch",
    "scipy.sparse.linalg",
    "pyarrow.parquet",
    "PIL.WebPImagePlugin",
    "transformers.models.bert.modeling_bert",
    "transformers.models.gemma2.modeling_gemma2",
)


class Steps:
    """Progress that prints a line at every step."""

    @contextmanager
    def stage(self, title: str, total: int | None = None) -> Iterator[Advance]:
        self.say(title)
        yield lambda n: self.say(title)

    def say(self, sentence: str) -> None:
        tell("step")


def tell(line: str) -> None:
    """Write a line at once: a process that is killed, or another of its threads, leaves no half of one."""
    os.write(sys.stdout.fileno(), f"{line}\n".encode())


def main() -> None:
    for name in (*SLOW, *(module.name for module in walk_packages(vista.__path__, "vista.") if "__main__" not in module.name)):
        import_module(name)
    commands.terminal = lambda quiet: Steps()
    for line in sys.stdin:
        cache, arguments = json.loads(line)
        if (pid := os.fork()) == 0:
            tell(str(os.getpid()))
            os.environ["VISTA_CACHE"] = cache
            os._exit(exit_code(arguments))
        tell(f"ended {os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}")


if __name__ == "__main__":
    main()
