"""A command made from a public function: its parameters, defaults and prose are the function's own."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any

from cyclopts import Parameter

PYTHON_ONLY = ("progress", "cache_folder", "on_ready")
Command = Callable[..., None]


def mirrors(function: Callable[..., Any], **annotations: Any) -> Callable[[Command], Command]:
    """Turn `body(options, **extra)` into a command that takes the options of `function` and the body's own extras.

    The help of the options is the function's docstring; the body's docstring may add an `Args:` section for its extras.

    Args:
        function: The public function; its parameters in `PYTHON_ONLY` are left to the body.
        annotations: Types for the command line where they differ from the function's (a path instead of a table).
    """

    def decorate(body: Command) -> Command:
        own = [p for p in inspect.signature(function).parameters.values() if p.name not in PYTHON_ONLY]
        shown = [p.replace(annotation=annotations.get(p.name) or _type_of(p, function), kind=_kind_of(p)) for p in own]
        extra = [p.replace(annotation=_type_of(p, body)) for p in list(inspect.signature(body).parameters.values())[1:]]
        names = {p.name for p in shown}

        def command(*args: Any, **kwargs: Any) -> None:
            bound = inspect.Signature(shown + extra).bind(*args, **kwargs).arguments
            options = {name: value for name, value in bound.items() if name in names}
            body(options, **{name: value for name, value in bound.items() if name not in names})

        command.__name__ = body.__name__
        command.__doc__ = _joined_prose(function, body)
        command.__signature__ = inspect.Signature(shown + extra)  # type: ignore[attr-defined]
        command.__annotations__ = {p.name: p.annotation for p in shown + extra}
        return command

    return decorate


def _kind_of(parameter: inspect.Parameter) -> Any:
    """Return how a parameter is given: outputs are always named, as `-o`."""
    return inspect.Parameter.KEYWORD_ONLY if parameter.name == "output" else parameter.kind


def _type_of(parameter: inspect.Parameter, function: Callable[..., Any]) -> Any:
    """Return the type of one parameter; a function's other annotations may name what only type checkers import."""
    hint = parameter.annotation
    return eval(hint, function.__globals__) if isinstance(hint, str) else hint


def _joined_prose(function: Callable[..., Any], body: Command) -> str:
    """Return the function's docstring up to its arguments, followed by the body's arguments."""
    prose = inspect.cleandoc(function.__doc__ or "")
    for section in ("Returns:", "Raises:"):
        prose = prose.split(f"\n{section}")[0]
    kept = "\n".join(line for line in prose.splitlines() if not line.strip().startswith(tuple(f"{name}:" for name in PYTHON_ONLY)))
    opened = kept.rstrip() if "\nArgs:" in kept else f"{kept.rstrip()}\n\nArgs:"
    extras = inspect.cleandoc(body.__doc__ or "").partition("Args:\n")[2]
    return f"{opened}\n{extras}"


OutputPath = Annotated[str, Parameter(name=["--output", "-o"])]
OptionalOutput = Annotated[str | None, Parameter(name=["--output", "-o"])]
