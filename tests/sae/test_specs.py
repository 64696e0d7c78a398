"""From what a user types to an autoencoder."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from sae.small_autoencoders import small_autoencoder, thresholds, weights
from vista.errors import InputError, InputFileError
from vista.sae.formats import FORMATS, write_saelens
from vista.sae.releases import TABLE
from vista.sae.specs import load, resolve

LATENT_SPECS = (
    "gemma-2-2b/20-gemmascope-res-16k/12345",
    "np:gemma-2-2b/20-gemmascope-res-16k/12345",
    "https://www.neuronpedia.org/gemma-2-2b/20-gemmascope-res-16k/12345",
    "https://neuronpedia.org/gemma-2-2b/20-gemmascope-res-16k/12345?embed=true",
)


def test_a_neuronpedia_id_leads_to_model_repository_path_hook_and_l0():
    place = resolve("gemma-2-2b/20-gemmascope-res-16k")

    assert (place.repo, place.path) == ("google/gemma-scope-2b-pt-res", "layer_20/width_16k/average_l0_71")
    assert (place.form, place.latent) == ("gemma_scope", None)
    assert (place.known.hook_name, place.known.model_name) == ("blocks.20.hook_resid_post", "google/gemma-2-2b")
    assert (place.known.expected_l0, place.known.neuronpedia_id) == (71, "gemma-2-2b/20-gemmascope-res-16k")


@pytest.mark.parametrize("spec", LATENT_SPECS)
def test_a_neuronpedia_id_or_address_may_end_in_a_latent(spec):
    place = resolve(spec)

    assert (place.latent, place.path) == (12345, "layer_20/width_16k/average_l0_71")


@pytest.mark.parametrize(
    ("spec", "repo", "path", "form", "hook", "model", "l0"),
    [
        (
            "saelens:gemma-scope-2b-pt-res-canonical/layer_20/width_16k/canonical",
            "google/gemma-scope-2b-pt-res",
            "layer_20/width_16k/average_l0_71",
            "gemma_scope",
            "blocks.20.hook_resid_post",
            "google/gemma-2-2b",
            71,
        ),
        (
            "saelens:gemma-scope-2-1b-pt-res-all/layer_5_width_16k_l0_small",
            "google/gemma-scope-2-1b-pt",
            "resid_post_all/layer_5_width_16k_l0_small",
            "gemma_scope_2",
            "blocks.5.hook_resid_post",
            "google/gemma-3-1b-pt",
            15,
        ),
        (
            "gpt2-small/8-res-jb",
            "jbloom/GPT2-Small-SAEs-Reformatted",
            "blocks.8.hook_resid_pre",
            "saelens",
            "blocks.8.hook_resid_pre",
            "openai-community/gpt2",
            60,
        ),
        (
            "gemma-2-2b/12-sae_bench-topk-res-4k__trainer_0_step_final",
            "canrager/saebench_gemma-2-2b_width-2pow12_date-1109",
            "gemma-2-2b_topk_width-2pow12_date-1109/resid_post_layer_12/trainer_0",
            "dictionary_learning",
            "blocks.12.hook_resid_post",
            "google/gemma-2-2b",
            None,
        ),
        ("gemma-2-2b/3-gemmascope-att-16k", "google/gemma-scope-2b-pt-att", "layer_3/width_16k/average_l0_117", "gemma_scope",
         "blocks.3.attn.hook_z", "google/gemma-2-2b", 117),
    ],
)  # fmt: skip
def test_names_of_saelens_and_neuronpedia(spec, repo, path, form, hook, model, l0):
    place = resolve(spec)

    assert (place.repo, place.path, place.form) == (repo, path, form)
    assert (place.known.hook_name, place.known.model_name, place.known.expected_l0) == (hook, model, l0)


def test_what_the_files_do_not_say_of_scale_and_centering_comes_from_the_table():
    assert resolve("gpt2-small/8-res-jb").known.centered
    assert resolve("saelens:gpt2-small-mlp-tm/blocks.0.hook_mlp_out").known.input_scale == pytest.approx(1.0493, abs=1e-4)
    assert resolve("saelens:mistral-7b-res-wg/blocks.8.hook_resid_pre").known.normalization == "constant_norm_rescale"


def test_a_place_on_the_hub_is_known_by_the_table_or_by_its_names():
    listed = resolve("hf:jbloom/GPT2-Small-SAEs-Reformatted/blocks.8.hook_resid_pre")
    inferred = resolve("hf:someone/gemma-scope-9b-pt-res/layer_3/width_16k/average_l0_9/params.npz")

    assert (listed.repo, listed.path) == ("jbloom/GPT2-Small-SAEs-Reformatted", "blocks.8.hook_resid_pre")
    assert (listed.known.centered, listed.known.neuronpedia_id) == (True, "gpt2-small/8-res-jb")
    assert (inferred.repo, inferred.path) == ("someone/gemma-scope-9b-pt-res", "layer_3/width_16k/average_l0_9")
    assert (inferred.known.hook_name, inferred.known.expected_l0) == ("blocks.3.hook_resid_post", 9)
    assert resolve("hf:someone/sae").path == ""


def test_a_path_that_exists_stands_before_an_id_of_the_same_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_saelens(small_autoencoder(), "gemma-2-2b/20-gemmascope-res-16k")

    place = resolve("gemma-2-2b/20-gemmascope-res-16k")

    assert place.repo is None
    assert load("gemma-2-2b/20-gemmascope-res-16k").d_sae == 24


def test_the_autoencoder_that_ships_goes_by_its_name_and_reads_a_model_that_needs_no_hub(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_saelens(small_autoencoder(), "smollm2")

    place = resolve("smollm2")

    assert (place.repo, place.known.model_name) == (None, "smollm2")
    assert load("smollm2").d_in == 576
    assert load("./smollm2").d_in == 8


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("gemma-2-2b/20-gemmascope-rez-16k", "table of Neuronpedia ids has no such name. Did you mean 'gemma-2-2b/20-gemmascope-res-16k'"),
        ("llama3.1-8b/3-llamascope-res-32k", "is stored as 'llama_scope', which VISTA does not read"),
        ("saelens:llama_scope_lxr_8x/l0r_8x", "the release 'llama_scope_lxr_8x' is stored as 'llama_scope'"),
        ("saelens:gemma-scope-2b-pt-res-canonicl/x", "no release .* Did you mean 'gemma-scope-2b-pt-res-canonical'"),
        ("saelens:gpt2-small-res-jb/blocks.8", "the release 'gpt2-small-res-jb' has no 'blocks.8'. Did you mean 'blocks.8.hook_resid_pre'"),
        ("saelens:gemma-scope-2-1b-pt-res-all/layer_99_width_16k_l0_small", "has no 'layer_99_width_16k_l0_small'"),
        ("saelens:gemma-scope-2-1b-pt-res-all/layer_*_width_16k_l0_small", r"has no 'layer_\*_width_16k_l0_small'"),
        ("hf:google", "'hf:google' names no repository; write hf:OWNER/NAME/FOLDER"),
        ("./nowhere", r"'\./nowhere' is no autoencoder: there is no such path, and a name is one of hf:OWNER/NAME/FOLDER"),
        ("", "'' is no autoencoder"),
    ],
)
def test_a_name_that_leads_nowhere_is_refused_in_one_line(spec, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(InputError, match=message) as refusal:
        resolve(spec)
    assert "\n" not in str(refusal.value)


def test_the_table_is_small_and_names_formats_that_are_read():
    table = json.loads(TABLE.read_text())

    assert TABLE.stat().st_size < 400_000
    assert {shared["form"] for shared in table["releases"].values()} <= set(FORMATS)
    assert "MIT" in table["source"]


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A hub of folders: what is not there is not found, and what was asked is kept."""
    import huggingface_hub
    from huggingface_hub.errors import EntryNotFoundError

    asked = []

    def fetch(repo, filename):
        asked.append((repo, filename))
        file = tmp_path / repo / filename
        if not file.is_file():
            raise EntryNotFoundError(f"404 for {filename}")
        return str(file)

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", fetch)
    return tmp_path, asked


def test_an_autoencoder_on_the_hub_is_fetched_file_by_file(hub):
    folder, asked = hub
    place = folder / "google/gemma-scope-2b-pt-res/layer_20/width_16k/average_l0_71"
    place.mkdir(parents=True)
    np.savez(place / "params.npz", **weights(), threshold=thresholds())

    sae = load("gemma-2-2b/20-gemmascope-res-16k")

    assert asked == [("google/gemma-scope-2b-pt-res", "layer_20/width_16k/average_l0_71/params.npz")]
    assert (sae.neuronpedia_id, sae.expected_l0, sae.hook_name) == ("gemma-2-2b/20-gemmascope-res-16k", 71, "blocks.20.hook_resid_post")


def test_the_format_of_an_unlisted_place_on_the_hub_is_found_by_its_files(hub):
    folder, asked = hub
    write_saelens(small_autoencoder(hook_name="blocks.1.hook_resid_post"), folder / "someone/saes/run_1")

    sae = load("hf:someone/saes/run_1")

    assert sae.hook_name == "blocks.1.hook_resid_post"
    assert asked == [("someone/saes", "run_1/sae_weights.safetensors"), ("someone/saes", "run_1/cfg.json")]


def test_a_repository_without_an_autoencoder_there_is_told(hub):
    with pytest.raises(InputError, match=r"the repository 'someone/saes' has no sae_weights\.safetensors or params\.npz or .* in 'run_1'"):
        load("hf:someone/saes/run_1")
    with pytest.raises(InputError, match=r"has no params\.npz in 'layer_20/width_16k/average_l0_71'"):
        load("gemma-2-2b/20-gemmascope-res-16k")


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (
            "gated",
            "'google/gemma-scope-2b-pt-res' wants its licence accepted: do so on its page on the hub, then log in with `hf auth login`",
        ),
        ("missing", "the hub has no repository 'google/gemma-scope-2b-pt-res', or it is private and wants HF_TOKEN"),
        ("offline", "cannot be fetched from the hub and is not in its cache; is there a network\\? A folder that was copied by hand"),
        ("network", "cannot be fetched from the hub and is not in its cache; is there a network\\?"),
    ],
)
def test_a_hub_that_does_not_give_is_told_in_one_line(monkeypatch, kind, message):
    import httpx
    import huggingface_hub
    from huggingface_hub import errors

    request = httpx.Request("GET", "http://127.0.0.1")
    response = httpx.Response(403, request=request)
    raised = {
        "gated": lambda: errors.GatedRepoError("403 Client Error.\n\nYou must be authenticated", response=response),
        "missing": lambda: errors.RepositoryNotFoundError("404\n", response=response),
        "offline": lambda: errors.LocalEntryNotFoundError("not in the cache\nand offline"),
        "network": lambda: httpx.ConnectError("no route\nto host"),
    }[kind]

    def refuse(*args, **options):
        raise raised()

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", refuse)
    with pytest.raises(InputFileError, match=message) as refusal:
        load("gemma-2-2b/20-gemmascope-res-16k")
    assert "\n" not in str(refusal.value)


def test_finding_an_autoencoder_loads_nothing_heavy():
    code = "from vista.sae.specs import resolve; resolve('gemma-2-2b/20-gemmascope-res-16k'); import sys; print(' '.join(sys.modules))"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert not {"torch", "transformers", "scipy", "huggingface_hub", "pyarrow"} & set(loaded)
