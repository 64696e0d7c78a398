import json

import numpy as np
import pyarrow as pa
import pytest

from vista.atlas.card_text import card_blocks

HOSTILE = ["plain", 'say "no"', "back\\slash", "line\nbreak\ttab", "\x00\x01\x1f\x7f", "</script>", "שלום 👩‍👩‍👧", "", "\u2028"]


def cards_of(table: pa.Table, *, first_item: int = 0, items_per_block: int = 4, k: int = 0) -> list[dict[str, object]]:
    n = table.num_rows
    near, far = np.arange(n * k, dtype=np.uint32).reshape(n, k), np.linspace(0, 1, n * k).reshape(n, k).round(3)
    pictures = np.where(np.arange(n) % 2 == 0, np.arange(n), -1)
    blocks = list(card_blocks(table, first_item, pictures, near, far, items_per_block=items_per_block))
    read = [json.loads(block) for block in blocks]
    assert [len(block) for block in read[:-1]] == [items_per_block] * (len(read) - 1)
    return [card for block in read for card in block]


def table_of(**columns: object) -> pa.Table:
    n = len(next(iter(columns.values()))) if columns else 3  # type: ignore[call-overload]
    own = {"item_id": [f"id {i}" for i in range(n)], "source_row": list(range(n)), "text": pa.nulls(n, pa.string())}
    return pa.table(own | columns)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_hostile_texts_come_back_letter_by_letter(kind: pa.DataType) -> None:
    cards = cards_of(table_of(words=pa.array([*HOSTILE, None], kind)))
    assert [card["columns"] for card in cards] == [{"words": word} for word in [*HOSTILE, None]]


def test_a_hostile_name_of_a_column_comes_back() -> None:
    name = 'we"ird\\name\n'
    assert cards_of(table_of(**{name: [1, 2, 3]}))[1]["columns"] == {name: 2}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array([1.5, float("nan"), float("inf"), -1e300, 1e-7, None]), [1.5, None, None, -1e300, 1e-7, None]),
        (pa.array([0.1, None], pa.float32()), [0.1, None]),
        (pa.array([2**62, -1, None]), [2**62, -1, None]),
        (pa.array([True, False, None]), [True, False, None]),
        (pa.nulls(2, pa.string()), [None, None]),
        (pa.array([[1], [2, 3]]), [[1], [2, 3]]),
    ],
)
def test_values_are_json(values: pa.Array, expected: list[object]) -> None:
    assert [card["columns"]["value"] for card in cards_of(table_of(value=values))] == expected  # type: ignore[index]


def test_cards_say_what_the_format_promises() -> None:
    first, second = cards_of(table_of(size=[3, 4]), first_item=128, k=2)
    assert first == {
        "item": 128,
        "id": "id 0",
        "source_row": 0,
        "text": None,
        "columns": {"size": 3},
        "picture": 0,
        "neighbors": [0, 1],
        "distances": [0.0, 0.333],
    }
    assert (second["picture"], second["neighbors"]) == (None, [2, 3])


@pytest.mark.parametrize(("n", "k"), [(1, 0), (4, 0), (5, 3), (9, 1)])
def test_items_without_columns_have_cards_too(n: int, k: int) -> None:
    cards = cards_of(table_of(x=[0] * n).drop_columns("x"), k=k)
    assert [card["item"] for card in cards] == list(range(n))
    assert all(card["columns"] == {} and len(card["neighbors"]) == k for card in cards)  # type: ignore[arg-type]
