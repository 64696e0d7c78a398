"""The store of codes (`docs/store.md`): what every latent does on every item, on disk, by item and by latent."""

from vista.sae.store.codes import Producer, TokenCodes
from vista.sae.store.manifest import StoreMeta
from vista.sae.store.pooling import POOLINGS, Pooling
from vista.sae.store.reader import ItemTokens, LatentItems, LatentTokens, Store, open_store
from vista.sae.store.statistics import LatentStatistics
from vista.sae.store.writer import append_store, write_store

__all__ = [
    "POOLINGS",
    "ItemTokens",
    "LatentItems",
    "LatentStatistics",
    "LatentTokens",
    "Pooling",
    "Producer",
    "Store",
    "StoreMeta",
    "TokenCodes",
    "append_store",
    "open_store",
    "write_store",
]
