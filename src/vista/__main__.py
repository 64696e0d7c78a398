"""`python -m vista` is the command `vista`."""

import sys


def run() -> None:
    """Run the command line; an interruption while it is still loading ends like any other, without a traceback."""
    try:
        from vista.cli.main import main

        main()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    run()
