"""Where items come from: tables, folders of pictures, files of vectors, and objects in memory."""

from vista.sources.directions import read_direction
from vista.sources.read import Source, read_source

__all__ = ["Source", "read_direction", "read_source"]
