"""Every kind of bad input of `vista latents` ends in one clear line and exit code 1, and leaves nothing behind.

The hub is a fake: a server on this machine that refuses as the real one does, or none at all.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import vista
from representations.tiny_language_models import DIM, MAX_TOKENS, N_LAYERS, WORDS, save
from sae.small_autoencoders import small_autoencoder, write_perfect
from vista.cli.main import exit_code
from vista.sae.formats import write_saelens

Refused = Callable[..., str]
PLACE = "gemma-scope-2b-pt-res/layer_1/width_16k/average_l0_16"
BY_ID = "gemma-2-2b/20-gemmascope-res-16k"
D_SAE = 2 * DIM


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("models") / "tiny-gemma-2", "gemma2")


@pytest.fixture(scope="module")
def sae(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_perfect(tmp_path_factory.mktemp("saes") / PLACE)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    random = np.random.default_rng(0)
    return written(tmp_path_factory.mktemp("data") / "texts.csv", [" ".join(random.choice(WORDS, 5)) for _ in range(50)])


@pytest.fixture(scope="module")
def store(model: Path, sae: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return vista.encode(data, tmp_path_factory.mktemp("stores") / "store", model=str(model), sae=str(sae)).folder


def written(path: Path, texts: list[str]) -> Path:
    path.write_text("id,text\n" + "".join(f"{number},{text}\n" for number, text in enumerate(texts)))
    return path


def changed(sae: Path, folder: Path, *, without: str | None = None, **arrays: np.ndarray) -> Path:
    """Write a Gemma Scope file again with one array less, or others."""
    kept = {name: array for name, array in np.load(sae / "params.npz").items() if name != without}
    folder.mkdir(parents=True)
    np.savez(folder / "params.npz", **(kept | arrays))
    return folder


@pytest.fixture
def latents(refused: Refused, tmp_path: Path) -> Iterator[Refused]:
    """Run `vista latents`, which must fail in one line, and see that nothing new lies beside the output."""
    before: set[str] = set()

    def run(*arguments: object) -> str:
        before.update(os.listdir(tmp_path))
        return refused("latents", *arguments, "-o", tmp_path / "atlas")

    yield run
    assert set(os.listdir(tmp_path)) == before


def test_a_file_that_lacks_a_key_of_its_format_is_refused_with_the_key(model, sae, data, tmp_path, latents):
    lacking = changed(sae, tmp_path / PLACE, without="threshold")
    line = latents("--data", data, "--model", model, "--sae", lacking)
    assert "'params.npz' lacks 'threshold': a Gemma Scope file has W_enc, W_dec, b_enc, b_dec, threshold" in line

    write_saelens(small_autoencoder(), tmp_path / "saelens")
    weights = tmp_path / "saelens" / "sae_weights.safetensors"
    save_file({name: array for name, array in load_file(weights).items() if name != "b_dec"}, weights)
    assert "'sae_weights.safetensors' lacks 'b_dec'" in latents("--data", data, "--model", model, "--sae", tmp_path / "saelens")


def test_a_folder_without_an_autoencoder_is_refused_with_what_was_looked_for(model, data, tmp_path, latents):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "notes.txt").write_text("nothing to see")

    line = latents("--data", data, "--model", model, "--sae", tmp_path / "notes")

    assert "it wants one of sae_weights.safetensors, params.npz," in line
    assert "there is notes.txt" in line


def test_a_file_under_another_format_s_name_is_refused_without_advice_to_run_it(model, data, tmp_path, latents):
    (tmp_path / "params.npz").write_text("not arrays")

    line = latents("--data", data, "--model", model, "--sae", tmp_path / "params.npz")

    assert "'params.npz' cannot be read as an npz file of arrays" in line
    assert "pickle" not in line


def test_another_width_is_refused_with_both_numbers_and_the_likely_mistake(model, sae, data, tmp_path, latents):
    write_saelens(small_autoencoder(hook_name="blocks.1.hook_resid_post"), tmp_path / "narrow")
    line = latents("--data", data, "--model", model, "--sae", tmp_path / "narrow")
    assert f"d_in = 8 dimensions, but 'blocks.1.hook_resid_post' of the model 'tiny-gemma-2' has {DIM}" in line
    assert "probably it was trained on another model or hook" in line

    swapped = changed(sae, tmp_path / PLACE, W_enc=np.load(sae / "params.npz")["W_enc"].T.copy())
    assert "are d_in and d_sae swapped?" in latents("--data", data, "--model", model, "--sae", swapped)


@pytest.mark.parametrize(
    ("hook", "message"),
    [
        ("layers.1.mlpp", "no module 'layers.1.mlpp'. Did you mean 'model.layers.1.mlp'?"),
        ("1.resid_psot", "no hook point 'resid_psot' in a layer. Did you mean 'resid_post'?"),
        ("blocks.1.hook_resid_pst", "Did you mean 'blocks.1.hook_resid_post'?"),
        (f"{N_LAYERS}", f"there is no layer {N_LAYERS}: the model has {N_LAYERS}, numbered 0 to {N_LAYERS - 1}"),
        ("blocks.26.hook_resid_post", f"there is no layer 26: the model has {N_LAYERS}"),
    ],
)
def test_a_hook_that_the_model_does_not_have_is_refused_with_the_nearest(model, sae, data, latents, hook, message):
    assert message in latents("--data", data, "--model", model, "--sae", sae, "--hook", hook)


def test_a_layer_that_the_autoencoder_names_and_the_model_lacks_is_refused(model, sae, data, tmp_path, latents):
    deeper = changed(sae, tmp_path / "gemma-scope-2b-pt-res/layer_20/width_16k/average_l0_71")

    assert f"there is no layer 20: the model has {N_LAYERS}" in latents("--data", data, "--model", model, "--sae", deeper)


def test_long_and_empty_texts_are_counted_said_and_recorded(model, sae, tmp_path, capsys):
    texts = written(tmp_path / "some.csv", ["a cat sits " * MAX_TOKENS, "red dog sits", "", "the river"] * 10)
    options = ["--model", model, "--sae", sae, "--latents", "3", "--renderer", "none", "--pictures", "cards"]

    for name in ("first", "second"):  # encoded, and from what is kept of that
        arguments = ["latents", "--data", texts, *options, "-o", tmp_path / name]
        assert exit_code([str(argument) for argument in arguments]) == 0

        told = capsys.readouterr().err
        for sentence in (
            "10 of 40 texts are longer than is read: only their beginning is encoded",
            "10 of 40 texts have no token that counts: no latent is active on them",
        ):
            assert sentence in told
            assert sentence in vista.open(tmp_path / name).manifest["warnings"]
        assert "Token indices sequence length" not in told


def test_texts_that_are_all_empty_are_refused(model, sae, tmp_path, latents):
    blank = written(tmp_path / "blank.csv", ["", "  ", ""])

    assert "'text' is empty in every row" in latents("--data", blank, "--model", model, "--sae", sae)


def test_a_latent_that_never_fires_is_refused_and_what_was_encoded_is_kept(model, sae, data, tmp_path, latents):
    asleep = changed(sae, tmp_path / PLACE, threshold=np.array([1e9] + [0] * (D_SAE - 1), np.float32))
    options = ("--data", data, "--model", model, "--sae", asleep, "--latents", "0")

    assert "latent 0 never fires on the 50 items of the store: there is nothing to map" in latents(*options)

    stores = Path(os.environ["VISTA_CACHE"]) / "stores"
    (kept,) = stores.iterdir()
    made = (kept / "store.json").stat().st_mtime_ns
    assert "latent 0 never fires" in latents(*options)
    assert (kept / "store.json").stat().st_mtime_ns == made


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        (f"3,{D_SAE}", f"there is no latent {D_SAE}: the autoencoder has {D_SAE}, numbered 0 to {D_SAE - 1}"),
        ("-1", "'-1' names no latents"),
        ("three", "'three' names no latents"),
        ("auto:", "'auto:' names no latents"),
    ],
)
def test_latents_that_do_not_exist_are_refused_before_anything_is_encoded(model, sae, data, latents, chosen, message):
    assert message in latents("--data", data, "--model", model, "--sae", sae, f"--latents={chosen}")
    assert not (Path(os.environ["VISTA_CACHE"]) / "stores").exists()


def test_a_store_of_another_autoencoder_is_refused_with_both_hashes(store, sae, tmp_path, latents):
    other = changed(sae, tmp_path / PLACE, b_enc=np.full(D_SAE, 0.5, np.float32))
    made = json.loads((store / "store.json").read_text())["meta"]["sae_sha256"][:12]

    line = latents("--store", store, "--sae", other)

    assert f"made with another autoencoder: {made} (average_l0_16), and --sae is " in line
    assert len(set(_hashes(line))) == 2


def test_a_store_of_another_model_is_refused_with_both_hashes(store, tmp_path, latents):
    other = save(tmp_path / "other-gemma-2", "gemma2", seed=1)
    made = json.loads((store / "store.json").read_text())["meta"]["model_sha256"][:12]

    line = latents("--store", store, "--model", other)

    assert f"made with another model: {made} (tiny-gemma-2), and --model other-gemma-2 is " in line
    assert len(set(_hashes(line))) == 2


def _hashes(line: str) -> list[str]:
    return [word for word in line.replace(";", " ").split() if len(word) == 12 and set(word) <= set("0123456789abcdef")]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--hook", "2"), "made at the hook 'blocks.1.hook_resid_post', and --hook is '2'"),
        (("--pool", "mean"), "pooled by 'max', and --pool is 'mean'"),
        (("--text", "text", "--sample", "3"), "--text and --sample would say how data is read"),
    ],
)
def test_options_that_contradict_a_store_are_refused(store, latents, options, message):
    assert message in latents("--store", store, *options)


def test_a_half_written_store_is_refused_with_how_to_go_on(store, tmp_path, latents):
    half = shutil.copytree(store, tmp_path / "half")
    whole = json.loads((half / "store.json").read_text())
    begun = {name: whole[name] for name in ("format", "format_version", "meta", "tokens")} | {"part": whole["parts"][0]}
    (half / "writing.json").write_text(json.dumps(begun))
    (half / "store.json").unlink()
    (half / "shards" / "000000.safetensors").unlink()

    assert "is half-written: 0 of 1 shards are there; run the same encoding again to continue" in latents("--store", half)
    assert "is not a store of codes: it has no store.json" in latents("--store", tmp_path)


def test_a_damaged_store_is_refused_with_the_file(store, tmp_path, latents):
    damaged = shutil.copytree(store, tmp_path / "damaged")
    shard = damaged / "shards" / "000000.safetensors"
    shard.write_bytes(shard.read_bytes()[:-100])

    line = latents("--store", damaged, "--latents", "3")

    assert "000000.safetensors' is damaged: it has" in line


class _FakeHub(BaseHTTPRequestHandler):
    """Refuses every request as the hub refuses one without a token."""

    def do_GET(self) -> None:
        self.send_response(self.server.status)  # type: ignore[attr-defined]
        self.send_header("X-Error-Code", self.server.error)  # type: ignore[attr-defined]
        self.send_header("X-Error-Message", "Access is restricted.")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        return None


@pytest.fixture
def fake_hub(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int, str], None]]:
    """A hub on this machine and an empty cache; say what it answers."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _FakeHub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    _reach(monkeypatch, f"http://127.0.0.1:{server.server_port}", tmp_path_factory.mktemp("empty-hub"))

    def answer(status: int, error: str) -> None:
        server.status, server.error = status, error  # type: ignore[attr-defined]

    yield answer
    server.shutdown()
    server.server_close()


def _reach(monkeypatch: pytest.MonkeyPatch, endpoint: str, cache: Path) -> None:
    constants = "huggingface_hub.constants"
    monkeypatch.setattr(f"{constants}.ENDPOINT", endpoint)
    monkeypatch.setattr(f"{constants}.HUGGINGFACE_CO_URL_TEMPLATE", endpoint + "/{repo_id}/resolve/{revision}/{filename}")
    monkeypatch.setattr(f"{constants}.HF_HUB_CACHE", str(cache))
    monkeypatch.setattr(f"{constants}.HF_HUB_OFFLINE", False)


@pytest.mark.parametrize("status", [401, 403])
def test_a_gated_model_without_a_token_says_how_to_get_it(sae, data, latents, fake_hub, status):
    fake_hub(status, "GatedRepo")
    accept = "wants its licence accepted: do so on its page on the hub, then log in with `hf auth login` or set HF_TOKEN"

    assert f"'google/gemma-2-2b' {accept}" in latents("--data", data, "--sae", sae)
    assert f"'google/gemma-scope-2b-pt-res' {accept}" in latents("--data", data, "--sae", BY_ID)


def test_a_name_that_the_hub_does_not_have_is_refused(sae, data, latents, fake_hub):
    fake_hub(404, "RepoNotFound")

    line = latents("--data", data, "--sae", sae, "--model", "someone/some-model")
    assert "there is no folder 'someone/some-model', and the hub has no model of that name, or it is private" in line
    assert "the hub has no repository 'someone/saes'" in latents("--data", data, "--sae", "hf:someone/saes/layer_1")


def test_without_a_network_the_line_says_so_and_what_serves_instead(sae, data, tmp_path_factory, monkeypatch, latents):
    _reach(monkeypatch, "http://127.0.0.1:9", tmp_path_factory.mktemp("empty-hub"))

    line = latents("--data", data, "--sae", sae)
    assert "there is no folder 'google/gemma-2-2b', and the hub does not give a model of that name: is there a network?" in line
    assert "ConnectError" in line
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)  # else its client tries again for half a minute
    line = latents("--data", data, "--sae", BY_ID)
    assert "is not in its cache; is there a network? A folder that was copied by hand serves as well (HF_HUB_OFFLINE is set)" in line
