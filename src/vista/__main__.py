"""`python -m vista` is the command `vista`."""

from vista.cli.main import main

if __name__ == "__main__":
    main()
