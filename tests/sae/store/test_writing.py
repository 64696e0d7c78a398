"""Writing a store can be stopped at any moment, continued, and added to; codes of different origins never mix."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from sae.store.small_codes import META, SmallCodes, small_codes, token_codes, write
from vista.errors import InputError, InputFileError
from vista.sae.store import append_store, open_store, write_store

TESTS = Path(__file__).parents[2]


def bytes_of(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def append(folder, codes, meta=META, first_id=100, **options):
    return append_store(folder, codes, meta, codes.items(first_id), shard_items=5, **options)


class Stopped(Exception):
    pass


def stopping(codes, row):
    """A producer that is stopped when it comes to a row."""

    def produce(start, stop):
        if start <= row < stop:
            raise Stopped
        yield from codes(start, stop)

    return produce


def test_a_process_killed_at_any_moment_leaves_a_store_that_continues_to_the_same_bytes(tmp_path):
    codes = small_codes(60)
    expected = bytes_of(write(tmp_path / "whole", codes).folder)
    rng = np.random.default_rng(11)
    folder, found = tmp_path / "killed-0", []

    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])])}
    command = [sys.executable, "-m", "sae.store.small_codes"]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        for n_kills in range(1, 21):
            print(folder, file=process.stdin, flush=True)
            pid = int(process.stdout.readline())
            for _ in range(rng.integers(1, 12)):
                if (line := process.stdout.readline()).startswith("ended"):  # else it begins, or encodes a batch
                    assert line == "ended 0\n"
                    break
            else:
                time.sleep(rng.uniform(0, 0.03))
                with suppress(ProcessLookupError):  # it has ended meanwhile
                    os.kill(pid, signal.SIGKILL)
                while not (line := process.stdout.readline()).startswith("ended"):
                    pass
                assert line in ("ended 0\n", f"ended {-signal.SIGKILL}\n")
            found.append(sorted(path.name for path in folder.rglob("*") if path.is_file()))
            if n_kills % 4 == 0:
                write(folder, codes)
                assert bytes_of(folder) == expected
                folder = tmp_path / f"killed-{n_kills}"
        process.stdin.close()
    assert sum("writing.json" in names for names in found) >= 5  # it was killed amid its work


@pytest.mark.parametrize("n_files", range(9))
def test_a_run_stopped_before_any_of_its_files_is_in_place_continues_to_the_same_bytes(tmp_path, monkeypatch, n_files):
    codes = small_codes()
    expected = bytes_of(write(tmp_path / "whole", codes).folder)
    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", stopping_fsync(n_files))
        with pytest.raises(Stopped):
            write(tmp_path / "store", codes)

    assert bytes_of(write(tmp_path / "store", codes).folder) == expected


def stopping_fsync(n_calls):
    left = iter(range(n_calls))

    def fsync(handle):
        if next(left, None) is None:
            raise Stopped

    return fsync


@pytest.mark.parametrize("row", [0, 7, 22])
def test_a_stopped_store_asks_only_for_the_shards_that_are_missing(tmp_path, row):
    codes = small_codes(23)
    expected = bytes_of(write(tmp_path / "whole", codes).folder)
    with pytest.raises(Stopped):
        write_store(tmp_path / "store", stopping(codes, row), META, codes.items(), shard_items=5)
    asked = []

    def produce(start, stop):
        asked.append((start, stop))
        yield from codes(start, stop)

    write_store(tmp_path / "store", produce, META, codes.items(), shard_items=9)  # the shards stay as they were cut

    assert asked == [(start, min(start + 5, 23)) for start in range(row // 5 * 5, 23, 5)]
    assert bytes_of(tmp_path / "store") == expected


def test_an_encoder_is_tried_where_its_store_begins_and_not_where_one_goes_on_or_is_added_to(tmp_path):
    codes, figures = small_codes(23), {"fvu": 0.2, "l0": 31.0, "expected_l0": 32, "n_tokens": 40}
    with pytest.raises(Stopped):
        write_store(tmp_path / "store", codes, META, codes.items(), trial=stopped_trial)
    with pytest.raises(Stopped):
        write_store(tmp_path / "store", stopping(codes, 12), META, codes.items(), shard_items=5, trial=lambda: figures)

    gone_on = write_store(tmp_path / "store", codes, META, codes.items(), trial=lambda: pytest.fail("tried again"))
    opened = write_store(tmp_path / "store", codes, META, codes.items(), trial=lambda: pytest.fail("tried again"))

    assert gone_on.meta.sanity == opened.meta.sanity == figures
    assert append(tmp_path / "store", small_codes(8, seed=1)).meta.sanity == figures


def stopped_trial():
    raise Stopped


def test_how_items_are_batched_does_not_show_in_the_bytes(tmp_path):
    codes = small_codes()
    one, other = (write(tmp_path / str(n), replace(codes, batch_items=n, reverse=n == 2)).folder for n in (2, 23))

    assert bytes_of(one) == bytes_of(other)


def test_a_half_written_store_says_how_to_continue(tmp_path):
    codes = small_codes()
    with pytest.raises(Stopped):
        write_store(tmp_path / "store", stopping(codes, 12), META, codes.items(), shard_items=5)

    with pytest.raises(InputFileError, match="half-written: 2 of 5 shards are there; run the same encoding again to continue"):
        open_store(tmp_path / "store")


def test_a_store_that_is_whole_is_not_encoded_again(tmp_path):
    codes = small_codes()
    before = bytes_of(write(tmp_path / "store", codes).folder)

    write_store(tmp_path / "store", lambda start, stop: pytest.fail("encoded again"), META, codes.items())

    assert bytes_of(tmp_path / "store") == before


@pytest.mark.parametrize("stage", ["writing.json is left", "old statistics are left", "store.json is not there yet"])
def test_a_run_killed_at_its_end_is_tidied_up(tmp_path, stage):
    codes, folder = small_codes(), tmp_path / "store"
    with pytest.raises(Stopped):
        write_store(folder, stopping(codes, 22), META, codes.items(), shard_items=5)
    writing = (folder / "writing.json").read_bytes()
    expected = bytes_of(write(folder, codes).folder)
    (folder / "writing.json").write_bytes(writing)
    if stage == "old statistics are left":
        (folder / "statistics" / "9.safetensors").write_bytes(b"old")
    if stage == "store.json is not there yet":
        (folder / "store.json").rename(folder / "store.json.part")

    write(folder, codes)

    assert bytes_of(folder) == expected


def test_appended_items_follow_the_first(tmp_path):
    first, second = small_codes(23), small_codes(8, seed=1)
    store = write(tmp_path / "store", first)
    before = store.content_sha256
    store = append(tmp_path / "store", second)
    together = SmallCodes(first.dense + second.dense)
    expected = write(tmp_path / "together", together)

    assert len(store) == 31
    assert (store.codes() != expected.codes()).nnz == 0
    for latent in range(store.d_sae):
        for name in ("rows", "values", "positions"):
            np.testing.assert_array_equal(getattr(store.latent(latent), name), getattr(expected.latent(latent), name))
    np.testing.assert_array_equal(store.statistics.histogram, expected.statistics.histogram)
    assert store.items["item_id"].to_pylist() == [str(i) for i in [*range(23), *range(100, 108)]]
    assert store.tokens(25).codes.shape == (len(second.dense[2]), 40)
    assert store.content_sha256 != before
    store.verify()


def test_a_stopped_append_leaves_the_old_store_and_continues_to_the_same_bytes(tmp_path):
    first, second = small_codes(23), small_codes(12, seed=1)
    for name in ("whole", "stopped"):
        write(tmp_path / name, first)
    append(tmp_path / "whole", second)
    with pytest.raises(Stopped):
        append_store(tmp_path / "stopped", stopping(second, 6), META, second.items(100), shard_items=5)

    assert len(open_store(tmp_path / "stopped")) == 23
    with pytest.raises(InputFileError, match="begun with other items"):
        append(tmp_path / "stopped", small_codes(12, seed=2), first_id=300)
    append(tmp_path / "stopped", second)
    assert bytes_of(tmp_path / "stopped") == bytes_of(tmp_path / "whole")


def test_items_that_are_in_the_store_are_not_appended_again(tmp_path):
    write(tmp_path / "store", small_codes())

    with pytest.raises(InputError, match="1 of 2 items are in the store already, such as '22'"):
        append(tmp_path / "store", small_codes(2), first_id=22)


def test_a_column_of_another_type_is_not_appended(tmp_path):
    write(tmp_path / "store", small_codes())
    codes = small_codes(2)
    items = replace(codes.items(100), columns=pa.table({"length": ["long", "short"]}))

    with pytest.raises(InputError, match="column 'length' holds string, and int64 in the store"):
        append_store(tmp_path / "store", codes, META, items)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"model_sha256": "d" * 64}, "another model: tiny model \\(hash aaaaaaaaaaaaaaaa\\), not tiny model \\(hash dddddddddddddddd\\)"),
        ({"sae_sha256": "e" * 64, "sae": "new"}, "another SAE: tiny SAE \\(hash bbbbbbbbbbbbbbbb\\), not new \\(hash eeeeeeeeeeeeeeee\\)"),
        ({"hook_name": "blocks.4.hook_resid_post"}, "made with hook_name blocks.3.hook_resid_post, not blocks.4.hook_resid_post"),
        ({"pooling": "mean"}, "made with pooling max, not mean"),
        ({"options": {"context": 64}}, "made with options"),
    ],
)
@pytest.mark.parametrize("state", ["whole", "half-written", "appended"])
def test_codes_of_another_origin_are_refused_in_one_line_and_nothing_is_lost(tmp_path, changed, sentence, state):
    codes, other, folder = small_codes(), replace(META, **changed), tmp_path / "store"
    if state == "half-written":
        with pytest.raises(Stopped):
            write_store(folder, stopping(codes, 12), META, codes.items(), shard_items=5)
    else:
        write(folder, codes)
    before = bytes_of(folder)

    with pytest.raises(InputFileError, match=sentence) as caught:
        append(folder, codes, other) if state == "appended" else write_store(folder, codes, other, codes.items())
    assert "\n" not in str(caught.value)
    assert bytes_of(folder) == before


@pytest.mark.parametrize("state", ["whole", "half-written"])
def test_other_items_are_refused_with_both_hashes(tmp_path, state):
    codes, folder = small_codes(), tmp_path / "store"
    if state == "whole":
        write(folder, codes)
    else:
        with pytest.raises(Stopped):
            write_store(folder, stopping(codes, 12), META, codes.items(), shard_items=5)
    before = bytes_of(folder)

    with pytest.raises(InputFileError, match=r"begun with other items \(hash [0-9a-f]{16}\) than those given \(hash [0-9a-f]{16}\)"):
        write(folder, small_codes(seed=3))
    assert bytes_of(folder) == before


def test_a_store_keeps_to_its_choice_about_codes_of_tokens(tmp_path):
    write(tmp_path / "store", small_codes(), tokens=False)

    with pytest.raises(InputFileError, match="was made without the codes of tokens"):
        write(tmp_path / "store", small_codes())


def test_a_folder_with_something_else_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")

    with pytest.raises(InputFileError, match=r"holds something else \('notes.txt'\)"):
        write(tmp_path, small_codes())
    with pytest.raises(InputFileError, match="is not a store of codes"):
        open_store(tmp_path)
    with pytest.raises(InputFileError, match="cannot make the folder"):
        write(tmp_path / "notes.txt" / "below", small_codes())


def test_two_processes_do_not_write_one_store(tmp_path):
    codes = small_codes()

    def produce(start, stop):
        with pytest.raises(InputFileError, match="another process is writing"):
            write(tmp_path / "store", codes)
        yield from codes(start, stop)

    write_store(tmp_path / "store", produce, META, codes.items())


@pytest.mark.parametrize("cut", [4, 60, -1])
def test_a_shard_that_was_cut_short_is_named_in_one_line(tmp_path, cut):
    store = write(tmp_path / "store", small_codes())
    path = store.folder / "shards" / "000002.safetensors"
    path.write_bytes(path.read_bytes()[:cut])

    for ask in (lambda: store.latent(8), lambda: store.codes([11]), lambda: store.tokens(11)):
        with pytest.raises(InputFileError, match=r"000002\.safetensors' is damaged") as caught:
            ask()
        assert "\n" not in str(caught.value)
    assert store.codes([3]).shape == (1, 40)  # what lies elsewhere can be read


def test_a_damaged_shard_of_a_half_written_store_is_written_anew(tmp_path):
    codes, folder = small_codes(), tmp_path / "store"
    expected = bytes_of(write(tmp_path / "whole", codes).folder)
    with pytest.raises(Stopped):
        write_store(folder, stopping(codes, 12), META, codes.items(), shard_items=5)
    (folder / "shards" / "000001.safetensors").write_bytes(b"cut")

    assert bytes_of(write(folder, codes).folder) == expected


def test_missing_and_changed_files_are_found(tmp_path):
    store = write(tmp_path / "store", small_codes())
    store.verify()
    path = store.folder / "shards" / "000003.safetensors"
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(InputFileError, match=r"'shards/000003\.safetensors' .* is not the file that was written"):
        store.verify()
    path.unlink()
    with pytest.raises(InputFileError, match=r"'shards/000003\.safetensors' is missing"):
        store.verify()
    with pytest.raises(InputFileError, match=r"'000003\.safetensors' is missing"):
        open_store(store.folder).latent(3)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "cannot be read"),
        ("[]", "not that of a store"),
        ('{"format": "other"}', "not that of a store"),
        ('{"format": "vista-store", "format_version": 99}', "has version 99, and this VISTA reads 1"),
        ('{"format": "vista-store", "format_version": 1}', "is damaged"),
    ],
)
def test_a_manifest_that_is_not_ours_is_refused_in_one_line(tmp_path, text, sentence):
    (tmp_path / "store.json").write_text(text)

    with pytest.raises(InputFileError, match=sentence) as caught:
        open_store(tmp_path)
    assert "\n" not in str(caught.value)


def wrong(**changed):
    return lambda batch: replace(batch, **{name: change(getattr(batch, name)) for name, change in changed.items()})


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (wrong(latents=lambda latents: latents + 9), "there is no latent 4[0-9]: the SAE has latents 0 to 39"),
        (wrong(latents=lambda latents: latents * 0), "latent 0 is given twice for token"),
        (wrong(values=lambda values: -values), "codes must be from 0 to 1e\\+15, and one is -"),
        (wrong(values=lambda values: values * np.float32(np.nan)), "NaN or infinity"),
        (wrong(values=lambda values: values[1:]), "do not fit each other"),
        (wrong(code_starts=lambda starts: starts[::-1]), "do not fit each other"),
        (wrong(token_ids=lambda ids: ids - 5000), "must be at least 0"),
        (wrong(rows=lambda rows: rows + 50), "the codes of item [0-9]+ came where items 0 to 4 were asked for"),
        (wrong(rows=lambda rows: rows * 0), "the codes of item 0 came twice"),
    ],
)
def test_codes_that_cannot_be_are_refused_in_one_line(tmp_path, change, sentence):
    codes = small_codes()

    with pytest.raises(InputError, match=sentence) as caught:
        write_store(
            tmp_path / "store", lambda start, stop: [change(batch) for batch in codes(start, stop)], META, codes.items(), shard_items=5
        )
    assert "\n" not in str(caught.value)


def test_an_item_that_does_not_come_is_named(tmp_path):
    codes = small_codes()

    with pytest.raises(InputError, match="the codes of 1 of 23 items did not come, item 9 first"):
        write_store(tmp_path / "store", lambda *_: [token_codes(codes.dense, [row for row in range(23) if row != 9])], META, codes.items())


def test_no_items_and_unknown_options_are_refused(tmp_path):
    codes = small_codes()
    with pytest.raises(InputError, match="no items"):
        write_store(tmp_path / "store", codes, META, replace(codes.items(), ids=[]))
    with pytest.raises(InputError, match="from 1 to 65536 items, not 0"):
        write_store(tmp_path / "store", codes, META, codes.items(), shard_items=0)
    with pytest.raises(InputError, match="no pooling 'median'"):
        replace(META, pooling="median")
    with pytest.raises(InputError, match="a column is called 'text'"):
        write_store(tmp_path / "store", codes, META, replace(codes.items(), columns=pa.table({"text": ["x"] * 23})))


def test_long_texts_make_smaller_shards(tmp_path):
    codes = small_codes(9)
    items = replace(codes.items(), texts=["x" * 1_500_000, "", "y" * 400_000, "z" * 400_000, "w" * 3_000_000, *["v"] * 4])
    store = write_store(tmp_path / "store", codes, META, items)

    assert [shard.n_items for shard in store.manifest.shards] == [3, 1, 1, 4]
    assert store.read_items([4]).texts == ["w" * 3_000_000]


def test_progress_counts_every_item_also_of_a_run_that_continues(tmp_path):
    from contextlib import contextmanager

    class Counting:
        def __init__(self):
            self.done = 0

        @contextmanager
        def stage(self, title, total=None):
            assert (title, total) == ("encoding items", 23)
            yield lambda n: setattr(self, "done", self.done + n)

        def say(self, sentence):
            pass

    codes = small_codes()
    with pytest.raises(Stopped):
        write_store(tmp_path / "store", stopping(codes, 12), META, codes.items(), shard_items=5)
    progress = Counting()
    write(tmp_path / "store", codes, progress=progress)

    assert progress.done == 23
