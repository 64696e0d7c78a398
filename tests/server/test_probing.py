"""`api/probe`: which latents of a study fire on a text, with the autoencoder and the model that VISTA comes with."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

import vista
from sae.small_autoencoders import small_autoencoder
from sae.study.planted import MONEY, planted_store
from sample_atlas import build_sample
from server.conftest import running
from vista.demonstration import SHIPPED
from vista.errors import InputError
from vista.execution import silent
from vista.sae.formats import write_saelens
from vista.sae.packed_codes import unpack_codes
from vista.sae.probing import Habits
from vista.sae.store import Store, write_store
from vista.server import make_app
from vista.server.probing import LONGEST_TEXT
from vista.sources import read_source

pytestmark = pytest.mark.model

EXACT_TO = 2.0**-10  # of a value, as stores keep it
N_TEXTS = 5
COMMAND = """
import sys; from pathlib import Path; import vista.atlas.viewer as viewer; viewer.VIEWER_FOLDER = Path(sys.argv.pop())
from vista.__main__ import run
run()
"""


class Sentences(list):
    """Progress that keeps what is said."""

    def stage(self, title, total=None):
        return silent.stage(title, total)

    def say(self, sentence):
        self.append(sentence)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The first texts of the demonstration, with the codes that are shipped for them."""
    codes = unpack_codes(SHIPPED / "codes.xz")
    items = read_source(pq.read_table(SHIPPED / "texts.parquet").slice(0, N_TEXTS), text="text").items
    return write_store(tmp_path_factory.mktemp("shipped") / "store", codes, codes.meta, items)


@pytest.fixture(scope="module")
def texts(store: Store) -> list[str]:
    return store.read_items().texts or []


@pytest.fixture(scope="module")
def mapped(store: Store) -> int:
    """A latent that fires on many of the texts, though not on all."""
    n_active = store.statistics.n_active
    return int(np.where(n_active < N_TEXTS, n_active, 0).argmax())


@pytest.fixture(scope="module")
def study(store: Store, mapped: int, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return study_of(store, tmp_path_factory.mktemp("study"), str(mapped))


def study_of(store: Store, folder: Path, latents: str) -> Path:
    vista.latents(folder / "atlas", store=store.folder, latents=latents, renderer="none", pictures="cards", cache_folder=folder / "cache")
    return folder / "atlas"


@pytest.fixture(scope="module")
def probed(study: Path, viewer: Path) -> Iterator[str]:
    with running(make_app(study)) as url:
        yield url


def test_files_are_served_while_the_models_load(probed: str, texts: list[str]):
    answers = []
    asking = threading.Thread(target=lambda: answers.append(httpx.get(f"{probed}api/probe", params={"text": texts[0]}, timeout=None)))
    asking.start()
    served_meanwhile = 0
    while not answers:
        served_meanwhile += httpx.get(f"{probed}atlas.json").status_code == 200 and not answers
        asking.join(0.1)  # the models are left a core to load on
    asking.join()

    assert answers[0].status_code == 200
    assert served_meanwhile > 1


def test_latents_are_those_of_the_study_with_their_labels_tokens_and_maps(
    probed: str, store: Store, texts: list[str], study: Path, mapped: int
):
    row = int(store.latent(mapped).rows[0])
    answer = httpx.get(f"{probed}api/probe", params={"text": texts[row], "latent": mapped}, timeout=None)

    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    tokens, codes = store.tokens(row), store.codes([row]).toarray()[0]
    assert told["tokens"] == np.stack([tokens.char_starts, tokens.char_ends], axis=1).tolist()
    values = {one["latent"]: one["value"] for one in told["latents"]}
    assert len(values) == min(50, np.count_nonzero(codes))
    np.testing.assert_allclose(list(values.values()), codes[list(values)], rtol=EXACT_TO)
    items = vista.open(study).table("items/latents/items.parquet")
    labels = dict(zip(items["item_id"].to_pylist(), items["text"].to_pylist(), strict=True))
    for one in [*told["latents"], told["asked"]]:
        fires = store.latent_tokens(one["latent"], np.array([row]))[0]
        assert [span[:2] for span in one["spans"]] == np.stack([fires.char_starts, fires.char_ends], axis=1).tolist()
        np.testing.assert_allclose([span[2] for span in one["spans"]], fires.values, rtol=EXACT_TO)
        assert one["label"] == labels[str(one["latent"])]
        assert one["map"] == (f"latent-{mapped}" if one["latent"] == mapped else None)
    assert told["asked"]["label"]


def test_latents_are_ranked_by_the_share_of_their_maximum_and_by_how_rarely_they_fire(
    probed: str, store: Store, texts: list[str], study: Path
):
    told = httpx.get(f"{probed}api/probe", params={"text": texts[0]}, timeout=None).json()
    table = vista.open(study).table("items/latents/items.parquet")
    known = {int(one["item_id"]): one for one in table.to_pylist()}

    assert told["ranked_by"] == "salience"
    shares = [one["share"] for one in told["latents"]]
    np.testing.assert_allclose(shares, [one["value"] / known[one["latent"]]["maximum"] for one in told["latents"]], rtol=1e-4)
    densities = np.array([known[one["latent"]]["density"] for one in told["latents"]])
    saliences = np.array(shares) * -np.log(densities)
    assert (np.diff(saliences) <= 1e-4).all()
    assert saliences[0] > saliences[-1]
    values = [one["value"] for one in told["latents"]]
    assert values != sorted(values, reverse=True)
    left_out = store.codes([0]).toarray()[0]
    left_out[[one["latent"] for one in told["latents"]]] = 0
    assert np.count_nonzero(left_out) > 0
    assert saliences_of(store, left_out).max() <= saliences[-1] + 1e-3


def saliences_of(store: Store, codes: np.ndarray) -> np.ndarray:
    density = store.statistics.n_active / N_TEXTS
    return -np.log(density.clip(1e-9, 1)) * codes / store.statistics.maximum.clip(1e-9)


def test_a_site_without_the_figures_of_latents_ranks_them_by_value(
    probed: str, texts: list[str], study: Path, viewer: Path, tmp_path: Path
):
    site = vista.export(study, tmp_path / "site", columns=["kind"])
    with running(make_app(site)) as url:
        told = httpx.get(f"{url}api/probe", params={"text": texts[0]}, timeout=None).json()
        silent_one = next(latent for latent in range(4_096) if latent not in {one["latent"] for one in told["latents"]})
        asked = httpx.get(f"{url}api/probe", params={"text": texts[0], "latent": silent_one}, timeout=None).json()["asked"]

    assert told["ranked_by"] == "value"
    values = [one["value"] for one in told["latents"]]
    assert values == sorted(values, reverse=True)
    assert {one["share"] for one in told["latents"]} == {None} == {asked["share"]}


def test_latents_of_which_the_study_says_nothing_come_last_the_strongest_first():
    habits = Habits(np.array([10.0, 10.0, np.nan, np.nan, 10.0]), np.array([0.5, 0.01, np.nan, np.nan, 1.0]))
    latents, values = np.arange(5), np.array([9, 4, 30, 40, 10], np.float32)

    saliences = habits.saliences(latents, values)
    assert np.lexsort((latents, -values, -saliences)).tolist() == [1, 0, 4, 3, 2]
    np.testing.assert_allclose(habits.shares(latents, values)[[0, 4]], [0.9, 1.0])


def test_a_latent_that_is_asked_for_is_told_of_however_weak_it_is_or_silent(probed: str, store: Store, texts: list[str], mapped: int):
    row = int(store.latent(mapped).rows[0])
    codes = store.codes([row]).toarray()[0]
    by_strength = np.argsort(-codes, kind="stable")
    n_firing = np.count_nonzero(codes)
    assert n_firing > 50
    silent_one = int(by_strength[n_firing])
    saliences = np.where(codes > 0, saliences_of(store, codes), -1)
    by_salience = np.argsort(-saliences, kind="stable")[:n_firing]
    place = np.empty(len(codes), int)
    place[by_salience] = np.arange(n_firing)
    weakest = max(
        by_strength[n_firing // 2 : n_firing].tolist(), key=lambda latent: abs(place[latent] - np.flatnonzero(by_strength == latent)[0])
    )
    alike = np.abs(saliences[by_salience] - saliences[weakest]) < 1e-3
    assert not alike[np.flatnonzero(by_strength == weakest)[0]]

    def asked(latent: int) -> dict:
        told = httpx.get(f"{probed}api/probe", params={"text": texts[row], "latent": latent}, timeout=None).json()
        assert told["n_firing"] == n_firing
        return told["asked"]

    one = asked(weakest)
    fires = store.latent_tokens(weakest, np.array([row]))[0]
    assert one["latent"] == weakest
    assert alike[one["rank"] - 1]
    np.testing.assert_allclose(one["value"], codes[weakest], rtol=EXACT_TO)
    assert [span[:2] for span in one["spans"]] == np.stack([fires.char_starts, fires.char_ends], axis=1).tolist()
    assert asked(mapped)["map"] == f"latent-{mapped}"
    other = asked(silent_one)
    assert (other["value"], other["rank"], other["spans"]) == (0, None, [])


def test_characters_are_counted_as_code_points(probed: str):
    text = "👩‍👩‍👧 crossed the river 𝔰𝔢𝔞"
    told = httpx.get(f"{probed}api/probe", params={"text": text}, timeout=None).json()

    river = text.index("river")
    assert any(start <= river and end == river + 5 for start, end in told["tokens"])
    assert max(end for _, end in told["tokens"]) == len(text)


def test_only_the_served_manifest_says_that_texts_can_be_tried(probed: str, study: Path):
    served = httpx.get(f"{probed}atlas.json", headers={"Accept-Encoding": "identity"})
    own = json.loads((study / "atlas.json").read_bytes())

    assert "probe" not in own["study"]
    assert served.json() == own | {"study": own["study"] | {"probe": True}}
    assert int(served.headers["content-length"]) == len(served.content)
    again = httpx.get(f"{probed}atlas.json", headers={"If-None-Match": served.headers["etag"], "Accept-Encoding": "identity"})
    assert again.status_code == 304
    part = httpx.get(f"{probed}atlas.json", headers={"Range": "bytes=2-9"})
    assert (part.status_code, part.content) == (206, served.content[2:10])
    assert httpx.get(f"{probed}atlas.json", headers={"Accept-Encoding": "gzip"}).json() == served.json()


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "api/probe?text="),
        ("text=", "api/probe?text="),
        ("text=%20%0A", "api/probe?text="),
        ("text=a&text=b", "one text"),
        (f"text={'a' * (LONGEST_TEXT + 1)}", "4,001 characters, and at most 4,000"),
        ("text=a&latent=-1", "one latent by its number"),
        ("text=a&latent=1&latent=2", "one latent by its number"),
        ("text=river&latent=4096", "there is no latent 4096: the autoencoder has 4,096, from 0"),
    ],
)
def test_a_text_that_cannot_be_read_is_refused_in_one_line(probed: str, query: str, message: str):
    answer = httpx.get(f"{probed}api/probe?{query}", timeout=None)

    assert answer.status_code == 400
    assert message in answer.json()["error"]
    assert "\n" not in answer.json()["error"]


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
def test_a_probe_is_only_asked_for(probed: str, method: str):
    answer = httpx.request(method, f"{probed}api/probe?text=river")

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_foreign_page_is_refused(probed: str, headers: dict[str, str]):
    answer = httpx.get(f"{probed}api/probe?text=river", headers=headers)

    assert answer.status_code == 403
    assert "latent" not in answer.text
    assert "content-security-policy" in answer.headers


def test_more_than_a_few_waiting_texts_are_turned_away(probed: str, texts: list[str]):
    answers: list[int] = []
    text = " ".join(texts)[:LONGEST_TEXT]

    def ask() -> None:
        answers.append(httpx.get(f"{probed}api/probe", params={"text": text}, timeout=None).status_code)

    asking = [threading.Thread(target=ask) for _ in range(24)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()

    assert set(answers) == {200, 503}


def test_a_server_that_is_interrupted_waits_for_no_model(study: Path, viewer: Path):
    command = [sys.executable, "-u", "-c", COMMAND, "serve", str(study), "--port", "0", str(viewer)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        assert "the models load with the first one" in process.stdout.readline()
        url = re.search(r"http://\S+/", process.stdout.readline())[0]

        def ask() -> None:
            with contextlib.suppress(httpx.HTTPError):
                httpx.get(f"{url}api/probe?text=river", timeout=None)

        asking = threading.Thread(target=ask)
        asking.start()
        assert "loading SmolLM2" in process.stdout.readline()
        os.kill(process.pid, signal.SIGINT)
        out, _ = process.communicate()
        asking.join()
    assert process.returncode == 0
    assert "Traceback" not in out


def test_an_atlas_without_a_study_answers_no_probe(viewer: Path, tmp_path: Path):
    plain = build_sample(tmp_path / "plain", 10)
    said = Sentences()
    client = TestClient(make_app(plain, progress=said), base_url="http://localhost")

    answer = client.get("/api/probe?text=river")

    assert (answer.status_code, answer.json()) == (501, {"error": "the atlas holds no study of latents"})
    assert said == []
    with pytest.raises(InputError, match="no study of latents"):
        make_app(plain, sae="smollm2")


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of an autoencoder and a model that are not here."""
    folder = tmp_path_factory.mktemp("foreign")
    return study_of(planted_store(folder / "store", 60), folder, str(MONEY))


def test_a_study_whose_autoencoder_is_not_here_says_so_and_how_to_name_it(foreign: Path, viewer: Path):
    said = Sentences()
    client = TestClient(make_app(foreign, progress=said), base_url="http://localhost")

    assert "probe" not in client.get("/atlas.json").json()["study"]
    answer = client.get("/api/probe?text=river")
    assert answer.status_code == 501
    assert "'tiny SAE' leads to no autoencoder from here: name it with --sae" in answer.json()["error"]
    assert len(said) == 1
    assert "cannot be tried" in said[0]


def test_a_name_that_was_given_and_leads_nowhere_is_refused_before_serving(foreign: Path, study: Path, viewer: Path):
    with pytest.raises(InputError, match="there is no such path"):
        make_app(foreign, sae="./nowhere")
    with pytest.raises(InputError, match=r"the model 'nowhere\.gguf' is not on this machine"):
        make_app(study, model="nowhere.gguf")


def test_other_weights_than_the_study_s_are_refused_with_both_hashes(foreign: Path, study: Path, viewer: Path, tmp_path: Path):
    other = TestClient(make_app(foreign, sae="smollm2"), base_url="http://localhost")
    answer = other.get("/api/probe?text=river")
    assert answer.status_code == 501
    assert "another autoencoder: bbbbbbbbbbbb, and 'smollm2' is c861a7afc8ef" in answer.json()["error"]

    write_saelens(small_autoencoder(), tmp_path / "model")
    (tmp_path / "model" / "config.json").write_text("{}")
    wrong = TestClient(make_app(study, model=str(tmp_path / "model")), base_url="http://localhost").get("/api/probe?text=river")
    assert wrong.status_code == 501
    assert "another model: f390b30d2372, and" in wrong.json()["error"]
