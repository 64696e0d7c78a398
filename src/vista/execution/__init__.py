"""Where work runs and what is kept of it: progress, and the content-addressed cache."""

from vista.execution.cache import Cache, content_key, default_cache_folder, source_version
from vista.execution.journal import Journal
from vista.execution.progress import Progress, silent
from vista.execution.remember import remember
from vista.execution.threads import in_order, thread_pool

__all__ = [
    "Cache",
    "Journal",
    "Progress",
    "content_key",
    "default_cache_folder",
    "in_order",
    "remember",
    "silent",
    "source_version",
    "thread_pool",
]
