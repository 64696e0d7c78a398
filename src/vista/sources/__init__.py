"""Where items come from: tables, folders of pictures, files of vectors, and objects in memory."""

from vista.sources.read import Source, read_source

__all__ = ["Source", "read_source"]
