import pytest
from hypothesis import given
from hypothesis import strategies as st

from vista.server.ranges import ByteRange, UnsatisfiableRangeError, accepts_gzip, names_etag, requested_range


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("bytes=0-0", ByteRange(0, 0)),
        ("bytes=2-4", ByteRange(2, 4)),
        ("bytes=7-", ByteRange(7, 9)),
        ("bytes=7-900", ByteRange(7, 9)),
        ("bytes=-3", ByteRange(7, 9)),
        ("bytes=-900", ByteRange(0, 9)),
        ("Bytes=1-2", ByteRange(1, 2)),
        (None, None),
        ("", None),
        ("bytes=-", None),
        ("bytes=4-2", None),
        ("bytes=0-1,4-5", None),
        ("items=0-1", None),
        ("bytes=a-b", None),
        ("bytes=0x1-2", None),
    ],
)
def test_a_range_of_ten_bytes(header: str | None, wanted: ByteRange | None) -> None:
    assert requested_range(header, 10) == wanted


@pytest.mark.parametrize(
    ("header", "n_bytes"), [("bytes=10-", 10), ("bytes=10-20", 10), ("bytes=-0", 10), ("bytes=0-", 0), ("bytes=-5", 0)]
)
def test_a_range_of_bytes_that_do_not_exist_is_an_error(header: str, n_bytes: int) -> None:
    with pytest.raises(UnsatisfiableRangeError):
        requested_range(header, n_bytes)


@given(first=st.integers(0, 30), length=st.integers(1, 30), n_bytes=st.integers(1, 30))
def test_a_range_is_a_slice(first: int, length: int, n_bytes: int) -> None:
    data = bytes(range(n_bytes))
    if first >= n_bytes:
        with pytest.raises(UnsatisfiableRangeError):
            requested_range(f"bytes={first}-{first + length - 1}", n_bytes)
        return
    wanted = requested_range(f"bytes={first}-{first + length - 1}", n_bytes)
    assert wanted is not None
    assert data[wanted.start : wanted.end + 1] == data[first : first + length]
    assert wanted.n_bytes == len(data[first : first + length])


@pytest.mark.parametrize(
    ("header", "known"), [('"a"', True), ('W/"a"', True), ('"b", "a"', True), ("*", True), ('"b"', False), ("", False), (None, False)]
)
def test_a_known_etag_is_recognized(header: str | None, known: bool) -> None:
    assert names_etag(header, '"a"') is known


@pytest.mark.parametrize(
    ("header", "accepted"),
    [("gzip", True), ("br, GZIP;q=0.5", True), ("gzip;q=0", False), ("gzip; q=0.0", False), ("br", False), (None, False)],
)
def test_gzip_is_sent_only_where_it_is_accepted(header: str | None, accepted: bool) -> None:
    assert accepts_gzip(header) is accepted
