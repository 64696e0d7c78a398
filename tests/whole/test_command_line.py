"""The command line mirrors the public functions and says how to use it."""

import inspect
import re
import shlex
from pathlib import Path

import pytest

from vista import demonstration, pipeline
from vista.atlas import exporting, summary
from vista.cli import commands
from vista.cli.main import exit_code
from vista.cli.mirror import PYTHON_ONLY
from vista.sae import encoding
from vista.sae import latents as studying
from vista.server import serving

ROOT = Path(__file__).parents[2]
PAIRS = [
    (commands.map, pipeline.map),
    (commands.demo, demonstration.demo),
    (commands.encode, encoding.encode),
    (commands.latents, studying.latents),
    (commands.export, exporting.export),
    (commands.info, summary.info),
    (commands.fidelity, summary.fidelity),
    (commands.serve, serving.serve),
]


@pytest.mark.parametrize(("command", "function"), PAIRS)
def test_a_command_has_the_parameters_of_its_function(command: object, function: object) -> None:
    offered = inspect.signature(command).parameters  # type: ignore[arg-type]

    for parameter in inspect.signature(function).parameters.values():  # type: ignore[arg-type]
        if parameter.name not in PYTHON_ONLY:
            assert offered[parameter.name].default == parameter.default


@pytest.mark.parametrize("command", [command.__name__ for command in commands.ALL])
def test_every_option_is_explained(command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert exit_code([command, "--help"]) == 0

    shown = capsys.readouterr().out
    for line in shown.splitlines():
        if re.match(r"\s*\*?\s*(\S+ )?--", line):
            assert len(re.split(r"\s{2,}", line.strip("* "))) >= 2, line


def test_no_arguments_show_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code([]) == 0

    assert "vista COMMAND" in capsys.readouterr().out


@pytest.mark.parametrize("page", ["README.md", "docs/quickstart.md", "docs/activation.md"])
def test_every_command_in_the_docs_can_be_parsed(page: str) -> None:
    from vista.cli.main import make_app

    app = make_app()
    lines = [line.split("#")[0].strip().removesuffix("\\") for line in (ROOT / page).read_text().splitlines() if line.startswith("vista ")]

    assert lines
    for line in lines:
        app.parse_args(shlex.split(line)[1:], exit_on_error=False, print_error=False)
