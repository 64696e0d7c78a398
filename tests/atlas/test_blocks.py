from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vista.atlas.blocks import Blocks, gzipped, inflated, write_blocks
from vista.errors import AtlasFormatError


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(blocks=st.lists(st.binary(max_size=50), max_size=20))
def test_every_block_reads_back(tmp_path: Path, blocks: list[bytes]) -> None:
    data, index = tmp_path / "b.bin", tmp_path / "b.idx"
    assert write_blocks(data, index, blocks) == len(blocks)
    stored = Blocks(data, index)
    assert [stored[i] for i in range(len(stored))] == blocks


def test_nothing_is_an_empty_block(tmp_path: Path) -> None:
    write_blocks(tmp_path / "b.bin", tmp_path / "b.idx", [b"a", None, b"c"])
    stored = Blocks(tmp_path / "b.bin", tmp_path / "b.idx")
    assert [stored[i] for i in range(3)] == [b"a", b"", b"c"]


@pytest.mark.parametrize("i", [-1, 1])
def test_a_block_that_is_not_there_is_an_error(tmp_path: Path, i: int) -> None:
    write_blocks(tmp_path / "b.bin", tmp_path / "b.idx", [b"a"])
    with pytest.raises(IndexError):
        Blocks(tmp_path / "b.bin", tmp_path / "b.idx")[i]


def test_a_file_cut_short_is_said(tmp_path: Path) -> None:
    write_blocks(tmp_path / "b.bin", tmp_path / "b.idx", [b"abc", b"def"])
    (tmp_path / "b.bin").write_bytes(b"abcd")
    stored = Blocks(tmp_path / "b.bin", tmp_path / "b.idx")
    assert stored[0] == b"abc"
    with pytest.raises(AtlasFormatError, match="cut short"):
        stored[1]


@given(data=st.binary(max_size=200).filter(lambda data: not data.startswith(b"\x1f\x8b")))
def test_gzip_is_optional_when_reading(data: bytes) -> None:
    assert inflated(gzipped(data)) == inflated(data) == data


def test_gzip_holds_no_time() -> None:
    assert gzipped(b"same")[4:8] == b"\x00\x00\x00\x00"
