"""From token vectors to one vector a text: pooling over the attention mask, then the model's own heads.

The formulas are those of sentence-transformers (Reimers and Gurevych, arXiv 1908.10084, and the library's `Pooling`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from vista.errors import InputError, InputFileError, nearest_name_hint, reason_of
from vista.representations.sentence_recipe import Dense, Normalize, SentenceRecipe

if TYPE_CHECKING:
    from torch import Tensor

ACTIVATIONS = ("Identity", "Tanh", "ReLU", "GELU", "SiLU", "Sigmoid")


def pool(tokens: Tensor, mask: Tensor, poolings: tuple[str, ...]) -> Tensor:
    """Pool token vectors into one vector a text.

    Args:
        tokens: (n, n_tokens, dim), padded on the right.
        mask: (n, n_tokens), 1 for a token and 0 for padding.
        poolings: One or more of `sentence_recipe.POOLINGS`.

    Returns:
        (n, dim · number of poolings).
    """
    import torch

    return torch.cat([_POOL[name](tokens, mask.unsqueeze(-1).to(tokens.dtype)) for name in poolings], dim=1)


def build_heads(recipe: SentenceRecipe, device: str) -> list[Callable[[Tensor], Tensor]]:
    """Return the functions that follow the pooling, with their weights loaded."""
    return [_normalize if isinstance(head, Normalize) else _dense(head, device) for head in recipe.heads]


def _sum(tokens: Tensor, mask: Tensor) -> Tensor:
    return (tokens * mask).sum(dim=1)


def _length(mask: Tensor) -> Tensor:
    return mask.sum(dim=1).clamp(min=1e-9)


def _weighted_mean(tokens: Tensor, mask: Tensor) -> Tensor:
    weights = mask * mask.new_ones(mask.shape).cumsum(dim=1)  # a later token weighs more: 1, 2, 3, …
    return _sum(tokens, weights) / _length(weights)


def _last(tokens: Tensor, mask: Tensor) -> Tensor:
    last = (mask.sum(dim=1).long() - 1).clamp(min=0)  # (n, 1)
    return tokens.gather(1, last.unsqueeze(-1).expand(-1, 1, tokens.shape[2])).squeeze(1)


_POOL: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "cls": lambda tokens, mask: tokens[:, 0],
    "max": lambda tokens, mask: tokens.masked_fill(mask == 0, -1e9).amax(dim=1),
    "mean": lambda tokens, mask: _sum(tokens, mask) / _length(mask),
    "mean_sqrt_len_tokens": lambda tokens, mask: _sum(tokens, mask) / _length(mask).sqrt(),
    "weightedmean": _weighted_mean,
    "lasttoken": _last,
}


def _normalize(vectors: Tensor) -> Tensor:
    from torch.nn import functional

    return functional.normalize(vectors, p=2.0, dim=1)


def _dense(head: Dense, device: str) -> Callable[[Tensor], Tensor]:
    import torch
    from torch.nn import functional

    if head.activation not in ACTIVATIONS:
        raise InputError(f"no activation '{head.activation}'.{nearest_name_hint(head.activation, ACTIVATIONS)}")
    activate = getattr(torch.nn, head.activation)()
    state = {name: tensor.to(device).float() for name, tensor in _dense_weights(head).items()}
    return lambda vectors: activate(functional.linear(vectors, state["linear.weight"], state.get("linear.bias")))


def _dense_weights(head: Dense) -> dict[str, Tensor]:
    import torch
    from safetensors.torch import load_file

    try:
        if (path := head.folder / "model.safetensors").is_file():
            return dict(load_file(path))
        return dict(torch.load(head.folder / "pytorch_model.bin", map_location="cpu", weights_only=True))
    except Exception as error:  # safetensors and torch each raise their own
        raise InputFileError(f"the dense layer in '{head.folder.name}' cannot be loaded ({reason_of(error)})") from error
