"""Distances in the representation: cosine and euclidean, for dense vectors and CSR rows."""

from vista.metrics.space import METRICS, MetricSpace, metric_space

__all__ = ["METRICS", "MetricSpace", "metric_space"]
