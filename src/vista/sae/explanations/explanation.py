"""What someone says that a latent means."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Explanation:
    """One explanation of one latent.

    Attributes:
        latent: Its number.
        text: A sentence, a phrase or a few words.
        source: Who says so: a file's name, or a model and a method, such as "gpt-4o-mini, oai_token-act-pair".
    """

    latent: int
    text: str
    source: str
