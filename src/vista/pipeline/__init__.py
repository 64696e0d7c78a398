"""The story of VISTA in one function, and the stages that it calls.

Every stage can also be called alone, from its own room; this one only says in which order they speak.
"""

from vista.pipeline.mapping import map

__all__ = ["map"]
