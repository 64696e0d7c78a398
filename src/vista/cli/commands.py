"""The commands: each calls its public function and prints what came of it."""

from __future__ import annotations

import json as json_format
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from vista import checkup, demonstration, pipeline
from vista.atlas import exporting, summary
from vista.cli.mirror import OptionalOutput, OutputPath, mirrors
from vista.sae import directions, encoding
from vista.sae import latents as studying
from vista.server import serving

if TYPE_CHECKING:
    from vista.atlas.reader import Atlas
    from vista.execution import Progress

CommaList = Annotated[tuple[str, ...] | None, Parameter(consume_multiple=False, converter=lambda _, tokens: _listed(tokens), n_tokens=1)]
Serve = Annotated[bool, Parameter(negative="--no-serve")]
Open = Annotated[bool, Parameter(negative="--no-open")]
KeepLatent = Annotated[bool, Parameter(negative="--no-keep-latent")]
Tokens = Annotated[bool, Parameter(negative="--no-tokens")]


@mirrors(pipeline.map, source=str, output=OutputPath, color=tuple[str, ...], vectors=str | None, activation=str | None)
def map(options: dict[str, Any], *, open: Open = False, quiet: bool = False, json: bool = False) -> None:
    """Build an atlas.

    Args:
        open: Serve the atlas and open it in the browser when it is done.
        quiet: Draw no progress and say nothing but errors.
        json: Print the result as JSON on standard output.
    """
    if (activation := options.get("activation")) is not None:
        options["activation"] = directions.activation_named(activation)
    _build("map", pipeline.map, options, open=open, quiet=quiet, json=json)


@mirrors(demonstration.demo, output=OptionalOutput)
def demo(options: dict[str, Any], *, serve: Serve = True, open: Open = True, quiet: bool = False, json: bool = False) -> None:
    """Build the demonstration.

    Args:
        serve: Serve the atlas when it is done; `--no-serve` stops after building.
        open: Open the served atlas in the browser.
        quiet: Draw no progress and say nothing but errors.
        json: Print the result as JSON on standard output.
    """
    _build("demo", demonstration.demo, options, serve=serve, open=open, quiet=quiet, json=json)


@mirrors(studying.latents, output=OutputPath, data=str | None, store=str | None, untrained=str | None, keep_latent=KeepLatent)
def latents(options: dict[str, Any], *, open: Open = False, quiet: bool = False, json: bool = False) -> None:
    """Study latents.

    Args:
        open: Serve the atlas and open it in the browser when it is done.
        quiet: Draw no progress and say nothing but errors.
        json: Print the result as JSON on standard output.
    """
    _build("latents", studying.latents, options, open=open, quiet=quiet, json=json)


@mirrors(encoding.encode, data=str, output=OutputPath, tokens=Tokens)
def encode(options: dict[str, Any], *, quiet: bool = False, json: bool = False) -> None:
    """Encode texts.

    Args:
        quiet: Draw no progress and say nothing but errors.
        json: Print the result as JSON on standard output.
    """
    started = time.perf_counter()
    store = encoding.encode(**options, progress=terminal(quiet))
    figures = {"n_items": len(store), "d_sae": store.meta.d_sae, "n_active_latents": int((store.statistics.n_active > 0).sum())}
    if json:
        print_json({"command": "encode", "output": str(options["output"]), **figures, "seconds": since(started)})
    elif not quiet:
        told = f"{figures['n_items']:,} items, {figures['n_active_latents']:,} of {figures['d_sae']:,} latents active on any of them"
        print(f"{told}; encoded in {since(started):.1f} s to {options['output']}")


@mirrors(serving.serve, atlas=str, open=Open)
def serve(options: dict[str, Any], *, quiet: bool = False) -> None:
    """Serve an atlas.

    Args:
        quiet: Do not print the address.
    """
    serving.serve(**options, on_ready=_silent if quiet else _announce, progress=terminal(quiet))


@mirrors(exporting.export, atlas=str, output=OutputPath, columns=CommaList)
def export(options: dict[str, Any], *, quiet: bool = False, json: bool = False) -> None:
    """Export an atlas.

    Args:
        quiet: Say nothing but errors.
        json: Print the result as JSON on standard output.
    """
    started = time.perf_counter()
    exported = exporting.export(**options, progress=terminal(quiet))
    if json:
        published = options.get("columns")
        print_json({"command": "export", "output": str(exported), "columns": published, "seconds": since(started)})
    elif not quiet:
        shown = shlex.quote(str(options["output"]))
        is_site = options.get("to", "site") == "site"
        print(f"exported to {exported}" + (f"; see it: vista serve {shown} --open" if is_site else ""))


@mirrors(summary.info, atlas=str)
def info(options: dict[str, Any], *, json: bool = False) -> None:
    """Describe an atlas.

    Args:
        json: Print the description as JSON.
    """
    started = time.perf_counter()
    described = summary.info(**options)
    if json:
        print_json({"command": "info", "output": described["atlas"], **described, "seconds": since(started)})
    else:
        print("\n".join(summary.lines(described)))


@mirrors(summary.fidelity, atlas=str)
def fidelity(options: dict[str, Any], *, json: bool = False) -> None:
    """Print the fidelity of every map.

    Args:
        json: Print the figures as JSON.
    """
    started = time.perf_counter()
    figures = summary.fidelity(**options)
    if json:
        warnings = summary.info(**options)["warnings"]
        result = {"command": "fidelity", "output": str(options["atlas"]), "maps": figures, "warnings": warnings}
        print_json(result | {"seconds": since(started)})
    else:
        print("\n".join(summary.fidelity_lines(figures)))


@mirrors(checkup.doctor)
def doctor(options: dict[str, Any], *, json: bool = False) -> None:
    """Examine this machine.

    Args:
        json: Print the findings as JSON.
    """
    findings = checkup.doctor(**options)
    if json:
        print_json({"command": "doctor", "findings": [finding.as_dict() for finding in findings]})
    else:
        print("\n".join(finding.line() for finding in findings))


ALL: tuple[Callable[..., None], ...] = (map, latents, encode, demo, serve, export, info, fidelity, doctor)


def _build(
    command: str, function: Callable[..., Atlas], options: dict[str, Any], *, serve: bool = False, open: bool, quiet: bool, json: bool
) -> None:
    started = time.perf_counter()
    atlas = function(**options, progress=terminal(quiet))
    seconds = since(started)
    if json:
        print_json(_result(command, atlas, seconds))
    elif not quiet:
        print("\n".join(summary.built_lines(summary.info(atlas.path), atlas.manifest["provenance"]["map"])))
    if serve or (open and command != "demo"):
        port = 0 if command == "demo" else serving.DEFAULT_PORT
        sae, model = (options.get("sae"), options.get("model")) if command == "latents" else (None, None)
        on_ready = _silent if quiet else _announce
        serving.serve(atlas.path, port=port, open=open, sae=sae, model=model, on_ready=on_ready, progress=terminal(quiet))
    elif not (quiet or json):
        print(f"built in {seconds:.1f} s; see it: vista serve {shlex.quote(str(atlas.path))} --open")


def _result(command: str, atlas: Atlas, seconds: float) -> dict[str, Any]:
    maps = [{"id": name, "n_items": entry.n_items, "fidelity": entry.fidelity} for name, entry in atlas.maps.items()]
    return {"command": command, "output": str(atlas.path), "maps": maps, "warnings": atlas.manifest["warnings"], "seconds": seconds}


def _listed(tokens: Sequence[Any]) -> tuple[str, ...]:
    """Return `a,b` as two names."""
    return tuple(name.strip() for token in tokens for name in token.value.split(",") if name.strip())


def terminal(quiet: bool) -> Progress:
    """Return progress drawn on the terminal."""
    from vista.cli.progress import TerminalProgress

    return TerminalProgress(quiet=quiet)


def since(started: float) -> float:
    """Return the seconds since a moment of `time.perf_counter`."""
    return round(time.perf_counter() - started, 3)


def print_json(value: dict[str, Any]) -> None:
    """Print one JSON object on standard output."""
    print(json_format.dumps(value, ensure_ascii=False))


def _announce(url: str) -> None:
    print(f"serving at {url} (Ctrl-C stops)", file=sys.stderr, flush=True)


def _silent(url: str) -> None:
    return None
