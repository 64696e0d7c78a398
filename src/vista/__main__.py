"""`python -m vista` is the command `vista`."""

import os
import sys


def run() -> None:
    """Run the command line; an interruption while it is still loading ends like any other, without a traceback."""
    try:
        from vista.cli.main import main

        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except SystemExit as ended:
        if _still_answers():
            # The interpreter would abort at its own end, since such a thread is still in the midst of a library.
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(ended.code if isinstance(ended.code, int) else int(ended.code is not None))
        raise


def _still_answers() -> bool:
    """Return whether a server's thread is still loading a model; without a server, its code is not loaded to know that."""
    answering = sys.modules.get("vista.server.answering")
    return answering is not None and answering.is_answering()


if __name__ == "__main__":
    run()
