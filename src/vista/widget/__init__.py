"""An atlas in a cell of a notebook: the same viewer, which reads its files through the kernel, so that no server is needed."""

from vista.widget.showing import NotebookTheme, show

__all__ = ["NotebookTheme", "show"]
