"""The files of the built viewer: those that stand beside an atlas when it is served or exported, and the one for notebooks."""

from __future__ import annotations

from pathlib import Path

from vista.errors import InputFileError

VIEWER_FOLDER = Path(__file__).parent.parent / "static"
VIEWER_PAGE = "index.html"
WIDGET_CODE = "widget.js"

_NOT_BUILT = "the viewer is not built: run `make viewer` in the checkout, or install the package vista-atlas, which brings it."


def viewer_files() -> dict[str, Path]:
    """Return the viewer's files by their path relative to its page.

    Raises:
        InputFileError: The viewer is not built, which happens only in a checkout.
    """
    if not (VIEWER_FOLDER / VIEWER_PAGE).is_file():
        raise InputFileError(_NOT_BUILT)
    paths = (path.relative_to(VIEWER_FOLDER) for path in sorted(VIEWER_FOLDER.rglob("*")) if path.is_file())
    return {path.as_posix(): VIEWER_FOLDER / path for path in paths if _is_public(path)}


def widget_source() -> str:
    """Return the viewer for notebooks: one ES module with its styles and typefaces inside.

    Raises:
        InputFileError: The viewer is not built, which happens only in a checkout.
    """
    try:
        return (VIEWER_FOLDER / WIDGET_CODE).read_text(encoding="utf-8")
    except OSError:
        raise InputFileError(_NOT_BUILT) from None


def _is_public(path: Path) -> bool:
    return path.name not in ("README.md", WIDGET_CODE) and not any(part.startswith(".") for part in path.parts)
