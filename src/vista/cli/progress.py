"""Progress on the terminal: a bar with the time that is left, and sentences, all on standard error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from vista.execution.progress import Advance


class TerminalProgress:
    """Draws each stage as one line; a stage that is done keeps its line with the time it took.

    Args:
        quiet: Draw and say nothing.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._console = Console(stderr=True, quiet=quiet, highlight=False, soft_wrap=True)

    @contextmanager
    def stage(self, title: str, total: int | None = None) -> Iterator[Advance]:
        columns = (
            TextColumn("{task.description:<28}"),
            BarColumn(bar_width=32),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self._console) as bars:
            task = bars.add_task(title, total=total)
            yield lambda n: bars.update(task, advance=n)
            bars.update(task, total=total or 1, completed=total or 1)

    def say(self, sentence: str) -> None:
        self._console.print(f"note: {sentence}", markup=False)
