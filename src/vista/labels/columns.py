"""Names of regions from a column of the user's: the value that sets a region apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import RegionName, Regions
from vista.labels.naming import RegionNames, members_of

_SPEAKS_FOR_REGION = 0.25  # least share of the region's items that hold the value
_VALUES_KEPT = 8


def name_regions_by_column(regions: Regions, values: list[str]) -> RegionNames:
    """Name every region by a value of a column.

    A value can name a region when at least a quarter of its items hold it and no ancestor has that name; of those, the
    one with the largest p·log(p / q) is taken, p being its share in the region and q its share on the whole map. Items
    with an empty value count, but name nothing.

    Args:
        regions: Nested regions of n_items items.
        values: One value an item, "" where missing.

    Returns:
        For each level, one name a region, "" where no value speaks for the region.
    """
    known, codes = np.unique(np.array(values, dtype=object).astype(str), return_inverse=True)
    overall = np.bincount(codes, minlength=len(known)) / len(codes)
    names: list[tuple[RegionName, ...]] = []
    taken: list[frozenset[str]] = []
    for level, parents in enumerate(regions.parents):
        inherited = [taken[parent] if parent >= 0 else frozenset[str]() for parent in parents.tolist()]
        of_level = []
        for members, above in zip(members_of(regions.membership[:, level], len(parents)), inherited, strict=True):
            of_level.append(_region_name(codes[members], known, overall, above))
        names.append(tuple(of_level))
        taken = [above | {region.name} for above, region in zip(inherited, of_level, strict=True)]
    return tuple(names)


def _region_name(codes: NDArray[np.int64], known: NDArray[np.str_], overall: NDArray[np.float64], above: frozenset[str]) -> RegionName:
    present, counts = np.unique(codes, return_counts=True)
    share = counts / len(codes)
    weight = share * np.log(share / overall[present])
    order = [int(place) for place in np.lexsort((present, -counts, -weight)) if known[present[place]]]
    terms = tuple((str(known[present[place]]), round(float(weight[place]), 4)) for place in order[:_VALUES_KEPT])
    speaking = [str(known[present[place]]) for place in order if share[place] >= _SPEAKS_FOR_REGION]
    return RegionName(next((value for value in speaking if value not in above), ""), terms)
