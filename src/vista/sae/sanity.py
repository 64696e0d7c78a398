"""Whether an autoencoder fits the states that it is given: what it explains of them, and how many latents speak.

FVU = Σ ‖x − x̂‖² ÷ Σ ‖x − x̄‖²   over all tokens: 0 is perfect, 1 is no better than the mean state
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from vista.errors import InputError
from vista.execution import Progress, silent
from vista.sae.autoencoder import SparseAutoencoder, Tensor, decode, encode, row_blocks
from vista.sae.reading import Reading

TOO_FAR = 2.0  # times the expected L0, or a part of it


@dataclass(frozen=True, slots=True)
class Sanity:
    """The sanity line of an autoencoder on data.

    Attributes:
        fvu: Fraction of variance unexplained; None for a transcoder, which reconstructs other states than it is given, and
            where the states do not vary.
        mean_l0: Active latents a token, on average.
        dead_share: Share of the latents that are active at no token.
        n_tokens: Tokens that were encoded.
    """

    fvu: float | None
    mean_l0: float
    dead_share: float
    n_tokens: int


def sanity(sae: SparseAutoencoder, blocks: Iterable[Any]) -> Sanity:
    """Measure an autoencoder on blocks of states; only one block is held at a time.

    Args:
        sae: The autoencoder.
        blocks: (n, d_in) float32 states, torch or NumPy.

    Raises:
        InputError: If there is no token at all, or states do not fit the autoencoder.
    """
    import torch

    active = torch.zeros(sae.d_sae, dtype=torch.bool, device=sae.device)
    spread = _Spread()
    n_active, unexplained = 0, 0.0
    for block in blocks:
        tensor = block if isinstance(block, torch.Tensor) else torch.from_numpy(block)
        for states in row_blocks(sae, tensor.to(sae.device, torch.float32)):
            codes = encode(sae, states)
            fires = codes > 0
            active |= fires.any(0)
            n_active += int(fires.sum())
            spread.add(states)
            if not sae.is_transcoder:
                unexplained += float((states - decode(sae, codes, states)).double().square().sum())
    if not spread.n:
        raise InputError("there is no token to encode: every text is empty")
    variance = spread.total()
    return Sanity(
        fvu=None if sae.is_transcoder or variance <= 0 else unexplained / variance,
        mean_l0=n_active / spread.n,
        dead_share=1 - int(active.sum()) / sae.d_sae,
        n_tokens=spread.n,
    )


def sanity_on_texts(reading: Reading, texts: list[str], n_tokens: int, *, progress: Progress = silent) -> Sanity:
    """Measure an autoencoder on the first tokens of some texts.

    Args:
        reading: The model, its hook and the autoencoder.
        texts: The texts.
        n_tokens: About how many tokens are read, at most.
        progress: Told how far the work is.

    Raises:
        InputError: If there is no token at all.
    """
    return sanity(reading.sae, _states(reading, texts, n_tokens, progress))


def _states(reading: Reading, texts: list[str], n_tokens: int, progress: Progress) -> Iterator[Tensor]:
    from vista.representations.token_states import token_state_batches

    n_left = n_tokens
    for batch in token_state_batches(reading.hooked, reading.hook, texts, progress=progress):
        yield batch.states[:n_left]
        n_left -= len(batch.states)
        if n_left <= 0:
            return


def doubts(measured: Sanity, expected: float | None) -> list[str]:
    """Return a sentence for each figure that says the autoencoder and the states do not belong together.

    Args:
        measured: The figures.
        expected: The L0 that the autoencoder's makers state, or None.
    """
    sentences = []
    l0 = measured.mean_l0
    likely = "likely a layer off by one (hidden_states[i] is what layer i reads), BOS among the tokens, or another normalization"
    if expected and not expected / TOO_FAR <= l0 <= expected * TOO_FAR:
        sentences.append(f"mean L0 is {l0:.1f} where {expected:g} is expected: {likely}")
    if measured.fvu is not None and measured.fvu > 1:
        sentences.append(f"FVU is {measured.fvu:.2f}, so the codes explain less than the mean state does: {likely}")
    return sentences


class _Spread:
    """Adds up Σ ‖x − x̄‖² in one pass, about the first state so that a large mean costs no digits."""

    def __init__(self) -> None:
        self.n = 0
        self._origin: Tensor = None
        self._sum: Tensor = 0.0
        self._squares = 0.0

    def add(self, states: Tensor) -> None:
        if not len(states):
            return
        if self._origin is None:
            self._origin = states[0].double()
        moved = states.double() - self._origin
        self.n += len(states)
        self._sum = self._sum + moved.sum(0)
        self._squares += float(moved.square().sum())

    def total(self) -> float:
        return self._squares - float((self._sum / self.n).square().sum()) * self.n
