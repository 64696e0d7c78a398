"""The `vista` command: one sub-command for each public function, under the same parameter names.

Exit codes: 0 done, 1 a `VistaError` told in one line, 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from cyclopts import App, CycloptsError, MissingArgumentError, Parameter
from cyclopts.help import DefaultFormatter, PanelSpec, TableSpec
from rich import box

from vista import __version__
from vista.cli import commands, sae_commands
from vista.errors import VistaError


def make_app() -> App:
    """Return the command line with all its commands."""
    app = App(
        name="vista",
        help="Maps of representations: any dataset, any model, one picture that zooms from the whole to the single item.",
        version=f"vista {__version__}",
        help_formatter=DefaultFormatter(panel_spec=PanelSpec(box=box.SIMPLE, padding=(0, 0)), table_spec=TableSpec()),
        default_parameter=Parameter(negative=()),
        result_action="return_value",
        suppress_keyboard_interrupt=False,
    )
    for command in commands.ALL:
        app.command(command, name=command.__name__)
    below = App(name=sae_commands.GROUP, help=sae_commands.HELP, help_formatter=app.help_formatter, default_parameter=app.default_parameter)
    for command in sae_commands.ALL:
        below.command(command, name=command.__name__)
    app.command(below)
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit."""
    sys.exit(exit_code(sys.argv[1:] if arguments is None else list(arguments)))


def exit_code(arguments: list[str]) -> int:
    """Run one command and return its exit code, with whatever went wrong told in one line on standard error."""
    try:
        make_app()(arguments or ["--help"], exit_on_error=False, print_error=False)
    except CycloptsError as error:
        return _fail(2, f"{_one_line(error)} {_missing_hint(error)}See: vista {_command_of(arguments)}--help")
    except VistaError as error:
        return _fail(1, _one_line(error))
    except KeyboardInterrupt:
        return _fail(130, f"interrupted{_how_to_go_on(arguments)}")
    except BrokenPipeError:
        return 0
    return 0


def _missing_hint(error: CycloptsError) -> str:
    is_output = isinstance(error, MissingArgumentError) and error.argument is not None and error.argument.name == "--output"
    return "Give a folder with -o. " if is_output else ""


def _command_of(arguments: list[str]) -> str:
    if arguments[:1] == [sae_commands.GROUP]:
        below = {command.__name__ for command in sae_commands.ALL}
        return " ".join([sae_commands.GROUP, *(name for name in arguments[1:2] if name in below), ""])
    names = {command.__name__ for command in commands.ALL}
    return f"{arguments[0]} " if arguments and arguments[0] in names else ""


def _how_to_go_on(arguments: list[str]) -> str:
    if arguments[:1] == ["encode"]:
        return "; finished shards are kept in the store, so the same command continues where it stopped"
    builds = arguments[:1] in (["map"], ["latents"], ["demo"])
    return "; finished stages are kept in the cache, so the same command continues where it stopped" if builds else ""


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _fail(code: int, message: str) -> int:
    print(f"vista: {message}", file=sys.stderr)
    return code
