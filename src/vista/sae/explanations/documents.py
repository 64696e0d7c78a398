"""Which texts a label may be made from, and which are kept to judge it.

The texts from which keywords are counted, that an explainer is shown, and on which thresholds are set are never those on
which a score is taken. What is divided is documents, not items: items of one document say much the same, and items with
equal texts are one document wherever they come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vista.errors import InputError

if TYPE_CHECKING:
    from vista.sae.store import Store


@dataclass(frozen=True, slots=True, eq=False)
class DocumentSplit:
    """The items of a store, divided into halves that share no document.

    Attributes:
        documents: (n_items,) int64 number of each item's document.
        shown: (n_items,) bool; labels may be made from these items. The others are held out for the scores.
    """

    documents: NDArray[np.int64]
    shown: NDArray[np.bool_]


def split_documents(store: Store, documents: Sequence[Any] | NDArray[Any] | None = None, *, seed: int = 0) -> DocumentSplit:
    """Divide the documents of a store at random, half and half.

    The same store, documents and seed give the same halves: an explanation that was made today is judged on texts that its
    explainer did not see.

    Args:
        store: Holds the items and their texts.
        documents: (n_items,) anything that tells the documents apart, such as a column of the items; None takes each
            text for a document.
        seed: Seed of the draw.

    Raises:
        InputError: If there is not one document an item.
    """
    if documents is not None and len(documents) != len(store):
        raise InputError(f"{len(documents)} documents do not fit the {len(store)} items of the store: give one an item.")
    of_item = _numbers_of_texts(store)
    if documents is not None:
        of_item = _joined(_numbered(documents), of_item)
    n_documents = int(of_item.max(initial=-1)) + 1
    shown = np.zeros(n_documents, bool)
    shown[np.random.default_rng(seed).permutation(n_documents)[: n_documents // 2]] = True
    return DocumentSplit(of_item, shown[of_item])


def _numbers_of_texts(store: Store) -> NDArray[np.int64]:
    """Number the distinct texts; an item without a text has a number of its own."""
    import pyarrow.compute as pc

    texts = store.items.column("text")
    empty = pc.equal(pc.fill_null(texts, ""), "").to_numpy().astype(bool)
    numbers = np.asarray(texts.combine_chunks().dictionary_encode().indices.fill_null(0).to_numpy(zero_copy_only=False), np.int64)
    numbers[empty] = numbers.max(initial=-1) + 1 + np.arange(empty.sum())
    return _numbered(numbers)


def _numbered(names: Sequence[Any] | NDArray[Any]) -> NDArray[np.int64]:
    return np.unique(np.asarray(names), return_inverse=True)[1].ravel().astype(np.int64)


def _joined(documents: NDArray[np.int64], texts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Join the documents that have a text in common."""
    import scipy.sparse as sp
    from scipy.sparse.csgraph import connected_components

    n = int(documents.max(initial=-1)) + 1
    n_nodes = n + int(texts.max(initial=-1)) + 1
    linked = sp.csr_matrix((np.ones(len(texts), np.int8), (documents, n + texts)), shape=(n_nodes, n_nodes))
    labels = connected_components(linked, directed=False)[1]
    return _numbered(labels[documents])
