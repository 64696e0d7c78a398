"""The widget itself: the viewer's code, what both sides know, and answers to the viewer's questions for bytes.

Imported only where anywidget is installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from vista.atlas.reader import Atlas
from vista.atlas.viewer import widget_source
from vista.errors import VistaError
from vista.widget.atlas_bytes import AtlasBytes

if TYPE_CHECKING:
    import pyarrow as pa


class AtlasWidget(anywidget.AnyWidget):
    """An atlas in a notebook; made by `vista.show` and `Atlas.show`.

    Attributes:
        atlas: What is shown.
        selection: Items that are selected, by their rows in the set of the map. Set it, and the viewer selects them.
        map_id: The map that is open; "" before one is.
        height: Height in pixels.
        theme: "auto", "light" or "dark".
        address: How the map is looked at, as the end of an address, from "#" on; the viewer writes it.
    """

    selection = traitlets.List(traitlets.Int()).tag(sync=True)
    map_id = traitlets.Unicode("").tag(sync=True)
    height = traitlets.Int(640).tag(sync=True)
    theme = traitlets.Unicode("auto").tag(sync=True)
    address = traitlets.Unicode("").tag(sync=True)

    def __init__(self, atlas: Atlas, **traits: Any) -> None:
        self._esm = widget_source()
        super().__init__(**traits)
        self.atlas = atlas
        self._files = AtlasBytes(atlas)
        self.on_msg(self._answer)

    def __repr__(self) -> str:
        return f"AtlasWidget({self.atlas!r}, {len(self.selection)} selected)"

    def selected(self) -> pa.Table:
        """Return the selected items as `AtlasMap.items()` has them, in drawing order; those that the map does not show are left out."""
        import pyarrow as pa
        import pyarrow.compute as pc

        shown = self.atlas.maps[self.map_id] if self.map_id in self.atlas.maps else next(iter(self.atlas.maps.values()))
        drawn = self.atlas.table(shown.entry["items"]).column("item")
        return shown.items().filter(pc.is_in(drawn, value_set=pa.array(self.selection, drawn.type)))

    def _answer(self, _widget: object, content: object, _buffers: object) -> None:
        """Answer a viewer that asks for bytes of a file."""
        if not isinstance(content, dict) or content.get("kind") != "read":
            return
        request = content.get("request")
        try:
            data = self._files.read(content.get("path"), content.get("offset"), content.get("length"))
        except VistaError as error:
            self.send({"kind": "error", "request": request, "message": str(error)})
        else:
            self.send({"kind": "bytes", "request": request}, buffers=[data])
