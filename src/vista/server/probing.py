"""Answering `api/probe`: which latents of the served study fire on a text.

Models are loaded when the first text comes, and one text is read at a time, in a thread of its own: files are served meanwhile,
and a server that is stopped waits for neither.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from vista.atlas.json_text import json_bytes
from vista.atlas.manifest import Manifest
from vista.errors import InputError, VistaError
from vista.execution import Progress, content_key, silent
from vista.server.answering import BAD_REQUEST, BUSY, CANNOT, FOREIGN, Answer, comes_from_elsewhere, in_thread, refusal

if TYPE_CHECKING:
    from starlette.requests import Request

    from vista.atlas import StudyEntry
    from vista.sae.probing import Fires, Habits
    from vista.sae.reading import Reading

PROBE_PATH = "api/probe"
LONGEST_TEXT = 4_000  # characters
MOST_WAITING = 8
_DIGITS = 6


@dataclass(frozen=True, slots=True, eq=False)
class _Dictionary:
    """What the dictionary of an atlas calls its latents, and what it says that they do; None where the atlas has none."""

    labels: list[str | None]
    habits: Habits | None


@dataclass(slots=True, eq=False)
class Prober:
    """Reads texts with the model and the autoencoder of a study.

    Attributes:
        sae, model: Names that lead to them where the study's own do not.
        progress: Told when models are loaded.
    """

    sae: str | None = None
    model: str | None = None
    progress: Progress = silent
    _reading: tuple[str, Reading] | None = field(default=None, init=False)
    _dictionary: tuple[str, _Dictionary] | None = field(default=None, init=False)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _n_asking: int = field(default=0, init=False)

    def why_not(self, manifest: Manifest) -> str | None:
        """Return why texts cannot be read here, or None where they can; loads nothing."""
        from vista.sae.probing import why_not_read

        if (study := manifest.get("study")) is None:
            return "the atlas holds no study of latents"
        return why_not_read(study, sae=self.sae, model=self.model)

    async def answer(self, request: Request, atlas: Path, manifest: Manifest) -> Answer:
        """Answer a request for `api/probe?text=…`, with `latent=…` for one that is told of in any case.

        Others wait their turn, and too many are turned away.
        """
        if comes_from_elsewhere(request):
            return refusal(FOREIGN, "this server answers its own page only")
        if (study := manifest.get("study")) is None:
            return refusal(CANNOT, "the atlas holds no study of latents")
        texts, latents = (request.query_params.getlist(name) for name in ("text", "latent"))
        if why := _why_refused(texts, latents):
            return refusal(BAD_REQUEST, why)
        latent = int(latents[0]) if latents else None
        if self._n_asking > MOST_WAITING:
            return refusal(BUSY, "too many texts are waiting: try again in a moment")
        self._n_asking += 1
        try:
            async with self._turn:
                return await asyncio.wrap_future(in_thread(lambda: self._probe(texts[0], latent, atlas, manifest, study)))
        except asyncio.CancelledError:
            return refusal(BUSY, "the server is being stopped")
        finally:
            self._n_asking -= 1

    def _probe(self, text: str, latent: int | None, atlas: Path, manifest: Manifest, study: StudyEntry) -> Answer:
        from vista.sae.probing import probe

        try:
            reading = self._loaded(study)
            known = self._dictionary_of(atlas, manifest, study)
        except VistaError as error:
            return refusal(CANNOT, str(error))
        try:
            probed = probe(reading, text, pooling=study["pooling"], latent=latent, habits=known.habits)  # type: ignore[arg-type]
        except InputError as error:
            return refusal(BAD_REQUEST, str(error))
        opens = next((entry["opens"] for entry in manifest["maps"].values() if "opens" in entry), {})

        def told(one: Fires) -> dict[str, object]:
            return {
                "latent": one.latent,
                "label": known.labels[one.latent] or "" if one.latent < len(known.labels) else "",
                "value": _short(one.value),
                "share": None if one.share is None else _short(one.share),
                "map": opens.get(str(one.latent)),
                "spans": [[start, end, _short(value)] for start, end, value in one.spans],
            }

        asked = probed.asked and {**told(probed.asked.fires), "rank": probed.asked.rank}
        latents = [told(one) for one in probed.latents]
        told_of = {"tokens": probed.tokens, "n_firing": probed.n_firing, "latents": latents, "asked": asked}
        return Answer(200, json_bytes({**told_of, "ranked_by": "value" if known.habits is None else "salience"}))

    def _loaded(self, study: StudyEntry) -> Reading:
        """Return the study's model and autoencoder; those of a study that took its place are loaded anew."""
        from vista.sae.probing import reading_of_study, why_not_read

        key = content_key(study)
        if self._reading is None or self._reading[0] != key:
            if why := why_not_read(study, sae=self.sae, model=self.model):
                raise InputError(why)
            self.progress.say(f"loading {study['model']} and {study['sae']} to read the first text")
            self._reading = (key, reading_of_study(study, sae=self.sae, model=self.model))
        return self._reading[1]

    def _dictionary_of(self, atlas: Path, manifest: Manifest, study: StudyEntry) -> _Dictionary:
        """Return what the atlas knows of the study's latents."""
        key = content_key(manifest["files"])
        if self._dictionary is None or self._dictionary[0] != key:
            self._dictionary = (key, _read_dictionary(atlas, manifest, study["d_sae"]))
        return self._dictionary[1]


def _read_dictionary(atlas: Path, manifest: Manifest, d_sae: int) -> _Dictionary:
    from vista.atlas.reader import Atlas
    from vista.sae.probing import Habits

    labels: list[str | None] = [None] * d_sae
    maximum, density = np.full((2, d_sae), np.nan)
    names = [entry["set"] for entry in manifest["maps"].values() if entry.get("kind") == "dictionary"]
    for name in names:
        items = Atlas(atlas, manifest).table(manifest["sets"][name]["items"])
        latents = [int(item) for item in items["item_id"].to_pylist()]
        for latent, label in zip(latents, items["text"].to_pylist(), strict=True):
            labels[latent] = label
        for column, known in (("maximum", maximum), ("density", density)):
            if column in items.column_names:  # a site may have been exported without it
                told = np.asarray(items[column].to_numpy(), np.float64)
                known[latents] = np.where(told > 0, told, np.nan)
    habits = Habits(maximum, density)
    return _Dictionary(labels, habits if habits.tell_something else None)


def with_probe(manifest: Manifest) -> Manifest:
    """Return the manifest as it is served where texts can be read."""
    return cast(Manifest, {**manifest, "study": {**manifest["study"], "probe": True}})


def _why_refused(texts: list[str], latents: list[str]) -> str | None:
    if len(texts) != 1 or not texts[0].strip():
        return "ask for one text: api/probe?text=…"
    if len(texts[0]) > LONGEST_TEXT:
        return f"the text has {len(texts[0]):,} characters, and at most {LONGEST_TEXT:,} are read: shorten it"
    if len(latents) > 1 or not all(re.fullmatch(r"\d{1,9}", latent, re.ASCII) for latent in latents):
        return "ask for one latent by its number: latent=3147"
    return None


def _short(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
