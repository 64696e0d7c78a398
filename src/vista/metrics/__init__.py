"""Distances in the representation: cosine and euclidean, for dense vectors and CSR rows; and what follows from them alone."""

from vista.metrics.medoids import Medoids, group_medoids
from vista.metrics.space import LARGEST_VALUE, METRICS, MetricSpace, metric_space

__all__ = ["LARGEST_VALUE", "METRICS", "Medoids", "MetricSpace", "group_medoids", "metric_space"]
