"""Distances in the representation: cosine, euclidean and latent, for dense vectors and CSR rows; and what follows from them."""

from vista.metrics.latent import LatentMetric
from vista.metrics.medoids import Medoids, group_medoids
from vista.metrics.space import LARGEST_VALUE, METRICS, MetricSpace, metric_space

__all__ = ["LARGEST_VALUE", "METRICS", "LatentMetric", "Medoids", "MetricSpace", "group_medoids", "metric_space"]
