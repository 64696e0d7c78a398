"""What an importer gives: items, and a producer of their codes, ready for `write_store`."""

from __future__ import annotations

from dataclasses import dataclass

from vista.artifacts import Items
from vista.execution import content_key
from vista.sae.store import Producer, StoreMeta


@dataclass(frozen=True, slots=True, eq=False)
class ImportedCodes:
    """Codes that another tool made; `write_store(folder, codes.producer, codes.meta, codes.items)` stores them.

    Attributes:
        items: What was encoded.
        producer: Gives the codes of a range of the items.
        meta: Where the codes come from. The hashes are of names, since the tools record no hash of weights.
        notes: Sentences to say to the user: what is not known, what was assumed.
    """

    items: Items
    producer: Producer
    meta: StoreMeta
    notes: tuple[str, ...] = ()


def imported_meta(tool: str, model: str, sae: str, hook_name: str, d_sae: int) -> StoreMeta:
    """Return the origin of imported codes, which keeps them apart from codes that were made here."""
    return StoreMeta(
        model, content_key(tool, "model", model), sae, content_key(tool, "sae", sae), hook_name, d_sae, options={"imported_from": tool}
    )
