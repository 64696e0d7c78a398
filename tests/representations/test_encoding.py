"""Shards, cache and order, with an encoder that needs no model: it counts letters and remembers what it was asked."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager

import numpy as np
import pytest

from vista.errors import InputError
from vista.representations import Encoded, encode


class LetterCounter:
    kind = "text"
    notes = ("counts letters",)
    shard_items = 4

    def __init__(self, space="letters", stop_after=None):
        self.name, self.space, self.stop_after = "letter counter", space, stop_after
        self.calls: list[list[str]] = []

    def content_hash(self, item):
        return hashlib.sha256(item.encode()).digest()

    def length(self, item):
        return len(item)

    def encode_items(self, items, *, batch_size, advance):
        if self.stop_after is not None and len(self.calls) >= self.stop_after:
            raise KeyboardInterrupt
        self.calls.append(list(items))
        advance(len(items))
        return Encoded(np.array([_counts(item) for item in items], dtype=np.float32), np.array([len(item) > 8 for item in items]))


def _counts(text):
    return [1 + text.count(letter) for letter in "abc"]


class Tally:
    def __init__(self):
        self.done, self.total, self.title = 0, None, ""

    @contextmanager
    def stage(self, title, total=None):
        self.title, self.total = title, total

        def advance(n):
            self.done += n

        yield advance

    def say(self, sentence):
        raise AssertionError(sentence)


TEXTS = ["abc", "a", "bb", "ccc", "abcabc", "ba", "a", "cab", "cccccccccc", "b"]


def test_vectors_come_in_the_order_of_the_items_and_equal_items_are_encoded_once():
    encoder = LetterCounter()
    representation = encode(encoder, TEXTS)
    assert representation.vectors.tolist() == [_counts(text) for text in TEXTS]
    assert (representation.encoder, representation.space) == ("letter counter", "letters")
    asked = [text for call in encoder.calls for text in call]
    assert sorted(asked) == sorted(set(TEXTS))
    assert [len(text) for text in asked] == sorted(len(text) for text in asked)
    assert max(len(call) for call in encoder.calls) == 4


def test_a_second_run_asks_the_encoder_nothing_and_gives_the_same(tmp_path):
    first = encode(LetterCounter(), TEXTS, cache_folder=tmp_path)
    again = LetterCounter()
    second = encode(again, TEXTS, cache_folder=tmp_path)
    assert again.calls == []
    assert second.vectors.tobytes() == first.vectors.tobytes()
    assert (second.fingerprint, second.notes) == (first.fingerprint, first.notes)


def test_an_interrupted_run_keeps_its_finished_shards_and_continues_with_the_same_batches(tmp_path):
    whole = LetterCounter()
    encode(whole, TEXTS)
    interrupted = LetterCounter(stop_after=1)
    with pytest.raises(KeyboardInterrupt):
        encode(interrupted, TEXTS, cache_folder=tmp_path)
    resumed = LetterCounter()
    encode(resumed, TEXTS, cache_folder=tmp_path)
    assert interrupted.calls + resumed.calls == whole.calls


def test_a_grown_dataset_encodes_only_what_is_new(tmp_path):
    encode(LetterCounter(), TEXTS, cache_folder=tmp_path)
    encoder = LetterCounter()
    representation = encode(encoder, ["new", *reversed(TEXTS), "newer"], cache_folder=tmp_path)
    assert sorted(text for call in encoder.calls for text in call) == ["new", "newer"]
    assert representation.vectors.tolist() == [_counts(text) for text in ["new", *reversed(TEXTS), "newer"]]


def test_another_space_shares_nothing(tmp_path):
    encode(LetterCounter(), TEXTS, cache_folder=tmp_path)
    other = LetterCounter(space="other letters")
    encode(other, TEXTS, cache_folder=tmp_path)
    assert sum(map(len, other.calls)) == len(set(TEXTS))


def test_a_damaged_shard_is_encoded_again(tmp_path):
    encode(LetterCounter(), TEXTS, cache_folder=tmp_path)
    shard = sorted(tmp_path.rglob("*.npz"))[0]
    shard.write_bytes(shard.read_bytes()[:200])
    encoder = LetterCounter()
    assert encode(encoder, TEXTS, cache_folder=tmp_path).vectors.tolist() == [_counts(text) for text in TEXTS]
    assert len(encoder.calls) == 1


def test_progress_counts_every_item_whether_encoded_repeated_or_kept(tmp_path):
    for _ in range(2):
        tally = Tally()
        encode(LetterCounter(), TEXTS, cache_folder=tmp_path, progress=tally)
        assert (tally.done, tally.total) == (len(TEXTS), len(TEXTS))
        assert tally.title == "encoding texts with letter counter"


def test_cut_and_empty_texts_are_counted_also_when_they_come_from_the_cache(tmp_path):
    texts = ["", "cccccccccc", "a", "cccccccccc", "  "]
    for _ in range(2):
        notes = encode(LetterCounter(), texts, cache_folder=tmp_path).notes
        assert notes == (
            "counts letters",
            "2 of 5 texts are empty: they share one vector",
            "2 of 5 texts are longer than letter counter reads: only their beginning is in their vectors",
        )


@pytest.mark.parametrize(
    ("items", "batch_size", "message"), [([], None, "none of the 0"), ([None, None], None, "none of the 2"), (["a"], 0, "at least 1")]
)
def test_nothing_to_encode_is_refused(items, batch_size, message):
    with pytest.raises(InputError, match=message):
        encode(LetterCounter(), items, batch_size=batch_size)


def test_vectors_that_a_broken_model_fills_with_nan_are_refused():
    encoder = LetterCounter()
    encoder.encode_items = lambda items, *, batch_size, advance: Encoded(
        np.full((len(items), 3), np.nan, dtype=np.float32), np.zeros(len(items), dtype=bool)
    )
    with pytest.raises(InputError, match="2 of 2 vectors hold NaN"):
        encode(encoder, ["a", "b"])
