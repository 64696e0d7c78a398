"""`vista.show`: options, the selection as a table, and answers to the viewer; the page itself is in tests/viewer/test_widget.py."""

import sys
from pathlib import Path

import pytest

import vista
from fake_comm import FakeComm
from sample_atlas import build_sample
from vista.errors import InputError, InputFileError, MissingExtraError, UnknownMapError

pytest.importorskip("anywidget")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    atlas = build_sample(tmp_path_factory.mktemp("widget") / "discs", 40)
    return build_sample(atlas, 40, map_id="second", seed=1)


@pytest.fixture(autouse=True)
def viewer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for the built viewer."""
    folder = tmp_path / "viewer"
    folder.mkdir()
    (folder / "widget.js").write_text("export default { render() {} };")
    monkeypatch.setattr("vista.atlas.viewer.VIEWER_FOLDER", folder)
    return folder


def test_an_atlas_shows_itself_with_the_code_of_the_viewer(folder: Path) -> None:
    widget = vista.open(folder).show(map="second", height=400, theme="dark")

    state = widget.get_state()
    assert state["_esm"] == "export default { render() {} };"
    assert (state["map_id"], state["height"], state["theme"], state["selection"]) == ("second", 400, "dark", [])


def test_the_selection_is_a_table_of_the_map_that_is_open(folder: Path) -> None:
    atlas = vista.open(folder)
    widget = vista.show(atlas, selection=[7, 3])
    items = atlas.maps["main"].items()

    assert widget.selected().column_names == items.column_names
    assert sorted(widget.selected()["item_id"].to_pylist()) == ["disc-00003", "disc-00007"]

    widget.selection = []
    assert widget.selected().num_rows == 0
    assert widget.selected().schema == items.schema


def test_what_is_selected_on_the_page_comes_back(folder: Path) -> None:
    widget = vista.show(folder)
    comm = FakeComm()
    widget.comm = comm
    comm.receive({"method": "update", "state": {"selection": [5], "map_id": "second"}, "buffer_paths": []})

    assert widget.selection == [5]
    chosen = widget.selected()
    assert chosen["item_id"].to_pylist() == ["disc-00005"]
    second = vista.open(folder).maps["second"].items()
    row = second["item_id"].to_pylist().index("disc-00005")
    assert chosen["x"][0] == second["x"][row]


def test_a_viewer_that_asks_for_bytes_gets_them_or_hears_why_not(folder: Path) -> None:
    comm = FakeComm()
    vista.show(folder).comm = comm

    def ask(**content: object) -> tuple[dict[str, object], list[bytes]]:
        ((data, buffers),) = comm.receive({"method": "custom", "content": {"kind": "read", "request": 9, **content}})
        return data["content"], [bytes(one) for one in buffers]

    head = (folder / "maps" / "main" / "collage.pmtiles").read_bytes()[4:12]
    assert ask(path="maps/main/collage.pmtiles", offset=4, length=8) == ({"kind": "bytes", "request": 9}, [head])
    content, buffers = ask(path="../../etc/passwd")
    assert (content["kind"], content["request"], buffers) == ("error", 9, [])
    assert "there is no file" in str(content["message"])
    assert comm.receive({"method": "custom", "content": {"kind": "something else"}}) == []
    assert comm.receive({"method": "custom", "content": "words"}) == []


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"theme": "drak"}, InputError, "Did you mean 'dark'"),
        ({"height": 3}, InputError, "120 to 8000"),
        ({"map": "mian"}, UnknownMapError, "Did you mean 'main'"),
        ({"selection": [40]}, InputError, "its items are 0 to 39"),
    ],
)
def test_an_option_that_cannot_be_is_said_at_once(folder: Path, options: dict[str, object], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        vista.show(folder, **options)  # type: ignore[arg-type]


def test_without_anywidget_it_says_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "vista.widget.notebook", raising=False)
    monkeypatch.setitem(sys.modules, "anywidget", None)

    with pytest.raises(MissingExtraError, match=r"pip install 'vista-atlas\[notebook\]'"):
        vista.show(folder)


def test_without_the_built_viewer_it_says_how_to_build_it(folder: Path, viewer: Path) -> None:
    (viewer / "widget.js").unlink()

    with pytest.raises(InputFileError, match="make viewer"):
        vista.show(folder)
