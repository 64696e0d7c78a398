"""Names of regions, and their places on the map."""

from vista.labels.columns import name_regions_by_column
from vista.labels.naming import name_regions
from vista.labels.placing import place_labels

__all__ = ["name_regions", "name_regions_by_column", "place_labels"]
