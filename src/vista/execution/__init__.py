"""Where work runs and what is kept of it: progress, and the content-addressed cache."""

from vista.execution.cache import Cache, content_key, source_version
from vista.execution.progress import Progress, silent

__all__ = ["Cache", "Progress", "content_key", "silent", "source_version"]
