"""The commands below `vista sae`: looking at sparse autoencoders."""

from __future__ import annotations

import time
from typing import Any

from vista.cli.commands import print_json, since, terminal
from vista.cli.mirror import mirrors
from vista.sae import inspection

GROUP = "sae"
HELP = "Look at sparse autoencoders."


@mirrors(inspection.inspect, data=str | None)
def inspect(options: dict[str, Any], *, quiet: bool = False, json: bool = False) -> None:
    """Inspect an autoencoder.

    Args:
        quiet: Draw no progress.
        json: Print the findings as JSON on standard output.
    """
    started = time.perf_counter()
    inspected = inspection.inspect(**options, progress=terminal(quiet))
    if json:
        print_json({"command": "sae inspect", **inspected.as_dict(), "seconds": since(started)})
    else:
        print("\n".join(inspection.lines(inspected)))


ALL = (inspect,)
