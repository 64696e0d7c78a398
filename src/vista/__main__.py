"""`python -m vista` is the command `vista`."""

import os
import sys
import threading

ANSWERING = "answer"  # the threads of a server that load models; see `server/answering.py`


def run() -> None:
    """Run the command line; an interruption while it is still loading ends like any other, without a traceback."""
    try:
        from vista.cli.main import main

        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except SystemExit as ended:
        if any(thread.name == ANSWERING for thread in threading.enumerate()):
            # The interpreter would abort at its own end, since such a thread is still in the midst of a library.
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(ended.code if isinstance(ended.code, int) else int(ended.code is not None))
        raise


if __name__ == "__main__":
    run()
