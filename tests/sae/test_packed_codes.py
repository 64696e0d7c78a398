"""Codes that are packed to be shipped come back as they were."""

import numpy as np
import pytest

from sae.store.small_codes import small_codes, write
from vista.errors import InputError, InputFileError
from vista.sae.packed_codes import pack_codes, unpack_codes
from vista.sae.store import write_store


def test_a_store_written_from_packed_codes_holds_the_same(tmp_path):
    store = write(tmp_path / "store", small_codes(40))
    (tmp_path / "codes.xz").write_bytes(pack_codes(store))
    unpacked = unpack_codes(tmp_path / "codes.xz")
    again = write_store(tmp_path / "again", unpacked, unpacked.meta, store.read_items())

    assert again.meta == store.meta
    np.testing.assert_array_equal(again.codes().toarray(), store.codes().toarray())
    for row in range(len(store)):
        ours, theirs = again.tokens(row), store.tokens(row)
        np.testing.assert_array_equal(ours.codes.toarray(), theirs.codes.toarray())
        for name in ("token_ids", "char_starts", "char_ends"):
            np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))


def test_packed_codes_are_a_fraction_of_the_store(tmp_path):
    store = write(tmp_path / "store", small_codes(200))

    assert len(pack_codes(store)) < 0.5 * sum(path.stat().st_size for path in (tmp_path / "store" / "shards").iterdir())


def test_codes_of_items_alone_cannot_be_packed(tmp_path):
    store = write(tmp_path / "store", small_codes(12), tokens=False)

    with pytest.raises(InputError, match="without the codes of tokens"):
        pack_codes(store)


@pytest.mark.parametrize("content", [b"", b"not xz", None])
def test_a_damaged_file_is_refused(content, tmp_path):
    if content is None:
        (tmp_path / "codes.xz").write_bytes(pack_codes(write(tmp_path / "store", small_codes(12)))[:-40])
    else:
        (tmp_path / "codes.xz").write_bytes(content)

    with pytest.raises(InputFileError, match="no packed codes"):
        unpack_codes(tmp_path / "codes.xz")
