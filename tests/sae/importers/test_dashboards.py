"""Batches of SAEDashboard and exports of Neuronpedia, in their exact formats, become records, and a store of what is known."""

import gzip
import json

import numpy as np
import pytest

from vista.errors import InputError, InputFileError
from vista.sae.importers import codes_of_examples, read_neuronpedia, read_saedashboard
from vista.sae.store import write_store

TOP = {"tokens": ["the", " cat", " sat"], "values": [0, 4.5, 0.25]}
MIDDLE = {"tokens": [" a", " cat"], "values": [0.0, 2.125]}


def dashboard_feature(index, activations):
    return {
        "feature_index": index,
        "neuron_alignment_indices": [1, 2, 3],
        "neg_str": ["x"],
        "neg_values": [-0.5],
        "pos_str": ["y"],
        "pos_values": [0.5],
        "frac_nonzero": 0.0125,
        "freq_hist_data_bar_values": [0.1],
        "freq_hist_data_bar_heights": [3],
        "n_prompts_total": 24576,
        "n_tokens_in_prompt": 128,
        "dataset": "org/texts",
        "activations": activations,
    }


def save_dashboard(folder):
    top = {**TOP, "bin_min": -1, "bin_max": 4.5, "bin_contains": -1, "qualifying_token_index": 1}
    middle = {**MIDDLE, "bin_min": 0.9, "bin_max": 2.25, "bin_contains": 0.4, "qualifying_token_index": 1}
    shared = {"tokens": TOP["tokens"], "values": [1.5, 0, 0], "bin_min": -1, "bin_max": 1.5, "bin_contains": -1}
    batch = {"model_id": "gemma-2-2b", "layer": 20, "sae_set": "gemmascope-res-16k", "sae_id_suffix": None}
    (folder / "batch-0.json").write_text(json.dumps({**batch, "features": [dashboard_feature(11, [top, middle])]}))
    (folder / "batch-1.json").write_text(json.dumps({**batch, "features": [dashboard_feature(2, [shared]), dashboard_feature(5, [])]}))
    return folder


def lines(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def save_neuronpedia(folder):
    of = {"modelId": "gemma-2-2b", "layer": "20-gemmascope-res-16k"}
    lines(
        folder / "features" / "batch-0.jsonl.gz",
        [{**of, "index": index, "maxActApprox": top, "frac_nonzero": 0.0125} for index, top in (("0", 9.5), ("11", 4.5), ("2", 0))],
    )
    top = {**TOP, "binMin": -1, "binMax": 4.5, "binContains": -1, "maxValue": 4.5, "maxValueTokenIndex": 1, "minValue": 0}
    middle = {**MIDDLE, "binMin": 0.9, "binMax": 2.25, "binContains": 0.4, "maxValue": 2.125, "maxValueTokenIndex": 1}
    shared = {"tokens": TOP["tokens"], "values": [1.5, 0, 0], "maxValue": 1.5}
    lines(folder / "activations" / "batch-0.jsonl.gz", [{**of, "index": "2", **shared}, {**of, "index": "11", **top}])
    lines(folder / "activations" / "batch-1.jsonl.gz", [{**of, "index": "11", **middle}])
    said = {"explanationModelName": "gpt-4o-mini", "typeName": "np_max-act", "umap_x": 1.0}
    lines(
        folder / "explanations" / "batch-0.jsonl.gz",
        [{**of, "index": "11", "description": "cats", **said}, {**of, "index": "11", "description": "animals", **said, "typeName": None}],
    )
    return folder


def test_a_dashboard_becomes_a_record_a_latent(tmp_path):
    records = read_saedashboard(save_dashboard(tmp_path))

    assert [record.latent for record in records] == [2, 5, 11]
    cats = records[2]
    assert (cats.model, cats.source, cats.density, cats.maximum) == ("gemma-2-2b", "20-gemmascope-res-16k", 0.0125, 4.5)
    assert [example.tokens for example in cats.examples] == [("the", " cat", " sat"), (" a", " cat")]
    assert [(example.bin, example.bin_share) for example in cats.examples] == [(None, None), ((0.9, 2.25), 0.4)]
    np.testing.assert_array_equal(cats.examples[0].values, [0, 4.5, 0.25])
    assert records[1].examples == ()
    assert [record.latent for record in read_saedashboard(tmp_path / "batch-1.json")] == [2, 5]


def test_an_export_becomes_a_record_a_latent(tmp_path):
    records = read_neuronpedia(save_neuronpedia(tmp_path))

    assert [record.latent for record in records] == [0, 2, 11]
    cats = records[2]
    assert (cats.model, cats.source, cats.density, cats.maximum) == ("gemma-2-2b", "20-gemmascope-res-16k", 0.0125, 4.5)
    assert [(example.bin, example.bin_share) for example in cats.examples] == [(None, None), ((0.9, 2.25), 0.4)]
    assert [(said.text, said.model, said.method) for said in cats.explanations] == [
        ("cats", "gpt-4o-mini", "np_max-act"),
        ("animals", "gpt-4o-mini", None),
    ]
    assert (records[0].examples, records[0].explanations, records[0].maximum) == ((), (), 9.5)
    assert [record.latent for record in read_neuronpedia(tmp_path, latents=[2])] == [2]


def test_explanations_alone_are_an_export_too(tmp_path):
    save_neuronpedia(tmp_path / "all")
    (tmp_path / "some").mkdir()
    (tmp_path / "all" / "explanations").rename(tmp_path / "some" / "explanations")

    (record,) = read_neuronpedia(tmp_path / "some")

    assert (record.latent, record.density, record.maximum, record.examples) == (11, None, None, ())


@pytest.mark.parametrize(
    "read", [lambda folder: read_saedashboard(save_dashboard(folder)), lambda folder: read_neuronpedia(save_neuronpedia(folder))]
)
def test_contexts_become_a_store_in_which_each_counts_once(tmp_path, read):
    imported = codes_of_examples(read(tmp_path), d_sae=16)
    store = write_store(tmp_path / "store", imported.producer, imported.meta, imported.items)

    texts = store.items["text"].to_pylist()
    assert sorted(texts) == [" a cat", "the cat sat"]
    row = texts.index("the cat sat")
    expected = np.zeros((3, 16))
    expected[:, 11], expected[:, 2] = TOP["values"], [1.5, 0, 0]
    np.testing.assert_array_equal(store.tokens(row).codes.toarray(), expected)
    assert store.tokens(row).strings(texts[row]) == TOP["tokens"]
    assert store.latent(11).values[row] == 4.5
    assert sorted(store.latent(11).values) == [2.125, 4.5]
    assert "only the latents that list it are known" in imported.notes[0]


def test_examples_need_latents_of_the_sae_and_contexts(tmp_path):
    records = read_saedashboard(save_dashboard(tmp_path))

    with pytest.raises(InputError, match="there is no latent 11: the SAE has latents 0 to 10"):
        codes_of_examples(records, d_sae=11)
    with pytest.raises(InputError, match="none of the 1 latents has an example"):
        codes_of_examples(records[1:2], d_sae=16)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "cannot be read as JSON"),
        ("[]", "is no SAEDashboard batch"),
        ('{"model_id": "m", "layer": 1, "sae_set": "s"}', "the key 'features' is missing"),
        ('{"model_id": "m", "layer": 1, "sae_set": "s", "features": [{"feature_index": 1}]}', "the key 'activations' is missing"),
        (
            '{"model_id": "m", "layer": 1, "sae_set": "s", "features": [{"feature_index": 1, "frac_nonzero": 0, '
            '"activations": [{"tokens": ["a"], "values": [1, 2]}]}]}',
            "an activation has 1 tokens and 2 values",
        ),
    ],
)
def test_a_wrong_batch_is_refused_in_one_line(tmp_path, text, sentence):
    path = tmp_path / "batch-0.json"
    path.write_text(text)

    with pytest.raises(InputFileError, match=sentence) as caught:
        read_saedashboard(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"modelId": "m", "layer": "l", "index": "1"}, "line 2, is none of Neuronpedia's activations: the key 'tokens' is missing"),
        ({"modelId": "m", "layer": "l", "tokens": [], "values": []}, "the key 'index' is missing"),
        ({"modelId": "m", "layer": "l", "index": "x", "tokens": [], "values": []}, "line 2, is none of Neuronpedia's activations"),
        ({"modelId": "m", "layer": "l", "index": "1", "tokens": ["a"], "values": []}, "1 tokens and 0 values"),
        ([1], "line 2, is none of Neuronpedia's activations"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, row, sentence):
    right = {"modelId": "m", "layer": "l", "index": "1", "tokens": ["a"], "values": [1]}
    lines(tmp_path / "activations" / "batch-0.jsonl.gz", [right, row])

    with pytest.raises(InputFileError, match=sentence) as caught:
        read_neuronpedia(tmp_path)
    assert "\n" not in str(caught.value)


def test_what_is_no_export_or_a_damaged_or_a_mixed_one_is_refused(tmp_path):
    with pytest.raises(InputFileError, match=r"no '\*\.jsonl\.gz' in features, activations, explanations"):
        read_neuronpedia(tmp_path)
    with pytest.raises(InputFileError, match=r"no file such as 'batch-0\.json'"):
        read_saedashboard(tmp_path)
    folder = save_neuronpedia(tmp_path / "export")
    path = folder / "activations" / "batch-0.jsonl.gz"
    whole = path.read_bytes()
    path.write_bytes(whole[:-12])
    with pytest.raises(InputFileError, match="cannot be read beyond line"):
        read_neuronpedia(folder)
    path.write_bytes(whole)
    other = {"modelId": "gemma-2-2b", "layer": "21-gemmascope-res-16k", "index": "3", "description": "dogs"}
    lines(folder / "explanations" / "batch-9.jsonl.gz", [other])
    with pytest.raises(InputFileError, match="mixes exports of several SAEs: gemma-2-2b/20-gemmascope-res-16k, gemma-2-2b/21-"):
        read_neuronpedia(folder)
