"""VISTA: maps of what a model's representation holds.

`vista.map(...)` builds an atlas, `vista.open(path)` reads one, `vista.serve(path)` shows it. Names load on first use, so that
`import vista` costs next to nothing.
"""

__version__ = "0.1.0"
