"""What a run leaves behind besides its result: sentences that were said, and how long each stage took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from vista.execution.progress import Progress


@dataclass(slots=True, kw_only=True)
class Journal:
    """The sentences and times of a run.

    Attributes:
        progress: Told how far the work is, and every sentence.
        notes: Sentences that were said, in order; the manifest's warnings.
        seconds: Wall time of each stage.
    """

    progress: Progress
    notes: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - started

    def note(self, *sentences: str) -> None:
        for sentence in sentences:
            if sentence not in self.notes:
                self.notes.append(sentence)
                self.progress.say(sentence)
