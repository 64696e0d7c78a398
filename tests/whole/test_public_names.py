"""The public names: what `vista` offers, what importing it costs, and that no submodule hides a name."""

import importlib
import pkgutil
import subprocess
import sys

import pytest

import vista

HEAVY = set("torch numba sklearn transformers scipy PIL pyarrow pydantic uvicorn starlette pandas h5py".split())  # noqa: SIM905
EVERY_FUNCTION = "import vista; vista.map, vista.latents, vista.encode, vista.open, vista.info, vista.serve, vista.export, vista.fidelity"


def test_every_name_is_there_after_every_submodule_was_imported() -> None:
    for module in pkgutil.walk_packages(vista.__path__, "vista."):
        importlib.import_module(module.name)

    for name in vista.__all__:
        assert callable(getattr(vista, name)), name


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'mapp'"):
        vista.mapp  # noqa: B018


@pytest.mark.parametrize("statement", ["import vista", EVERY_FUNCTION])
def test_importing_loads_nothing_heavy(statement: str) -> None:
    loaded = _modules_after(statement)

    assert not HEAVY & loaded


def test_import_vista_does_not_even_load_numpy() -> None:
    assert "numpy" not in _modules_after("import vista")


def _modules_after(statement: str) -> set[str]:
    code = f"{statement}; import sys; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())
