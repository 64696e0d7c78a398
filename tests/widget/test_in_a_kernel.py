"""The widget in a real kernel, which is spoken to by messages as a notebook does."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

from sample_atlas import build_sample
from vista.atlas.viewer import VIEWER_FOLDER

Message = dict[str, Any]
CELL = "import vista; widget = vista.open({!r}).show(); widget"

PATIENCE_S = 120  # with a kernel that died; no answer takes so long


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_sample(tmp_path_factory.mktemp("notebook") / "discs", 40)


@pytest.fixture(scope="module")
def kernel() -> Iterator[BlockingKernelClient]:
    manager, client = start_new_kernel()
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def run(kernel: BlockingKernelClient, code: str) -> list[Message]:
    """Run a cell; return what the kernel publishes meanwhile."""
    told: list[Message] = []
    reply = kernel.execute_interactive(code, output_hook=told.append, timeout=PATIENCE_S)
    assert reply["content"]["status"] == "ok", reply["content"].get("traceback")
    return told


def printed(kernel: BlockingKernelClient, expression: str) -> Any:
    """What an expression is in the kernel, of plain values."""
    (output,) = [one for one in run(kernel, f"print(repr({expression}))") if one["msg_type"] == "stream"]
    return ast.literal_eval(output["content"]["text"])


def told_by_page(kernel: BlockingKernelClient, comm_id: str, data: Message) -> list[Message]:
    """Send what a page says to its widget; return what the widget says before the kernel is idle again."""
    message = kernel.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
    kernel.shell_channel.send(message)
    told = []
    while True:
        heard = kernel.get_iopub_msg(timeout=PATIENCE_S)
        if heard["parent_header"].get("msg_id") != message["header"]["msg_id"]:
            continue
        if heard["msg_type"] == "status" and heard["content"]["execution_state"] == "idle":
            return told
        if heard["msg_type"] == "comm_msg":
            told.append(heard)


@pytest.fixture(scope="module")
def shown(kernel: BlockingKernelClient, atlas: Path) -> list[Message]:
    if not (VIEWER_FOLDER / "widget.js").is_file():
        pytest.skip("the viewer is not built: make viewer")
    return run(kernel, CELL.format(str(atlas)))


@pytest.fixture
def ask(kernel: BlockingKernelClient, shown: list[Message]) -> Callable[[Message], list[Message]]:
    comm_id = opened(shown)["comm_id"]
    return lambda data: told_by_page(kernel, comm_id, data)


def opened(shown: list[Message]) -> Message:
    """What the kernel says of the widget that the cell displays, among its layout and whatever else it is made of."""
    (found,) = [one["content"] for one in shown if one["msg_type"] == "comm_open" and "_esm" in one["content"]["data"]["state"]]
    return found


def test_a_cell_displays_the_widget_with_the_viewer_in_it(shown: list[Message]) -> None:
    (result,) = [one["content"]["data"] for one in shown if one["msg_type"] == "execute_result"]
    state = opened(shown)["data"]["state"]

    assert result["application/vnd.jupyter.widget-view+json"]["model_id"] == opened(shown)["comm_id"]
    assert (state["_model_module"], state["selection"], state["height"]) == ("anywidget", [], 640)
    assert "export" in state["_esm"]


def test_the_page_gets_the_bytes_that_it_asks_for(ask: Callable[[Message], list[Message]], atlas: Path) -> None:
    request = {"kind": "read", "path": "atlas.json", "offset": 3, "length": 40, "request": 7}
    (answer,) = ask({"method": "custom", "content": request})
    (refusal,) = ask({"method": "custom", "content": request | {"path": "../secret", "request": 8}})

    assert answer["content"]["data"]["content"] == {"kind": "bytes", "request": 7}
    assert bytes(answer["buffers"][0]) == (atlas / "atlas.json").read_bytes()[3:43]
    assert (refusal["content"]["data"]["content"]["kind"], refusal["content"]["data"]["content"]["request"]) == ("error", 8)


def test_what_is_selected_on_the_page_is_a_table_in_the_next_cell(
    ask: Callable[[Message], list[Message]], kernel: BlockingKernelClient
) -> None:
    ask({"method": "update", "state": {"selection": [3, 8]}, "buffer_paths": []})

    assert sorted(printed(kernel, "widget.selected()['item_id'].to_pylist()")) == ["disc-00003", "disc-00008"]


def test_what_a_cell_selects_is_told_to_the_page(kernel: BlockingKernelClient, shown: list[Message]) -> None:
    told = [one["content"] for one in run(kernel, "widget.selection = [5]") if one["msg_type"] == "comm_msg"]

    assert [(one["comm_id"], one["data"]["state"]) for one in told] == [(opened(shown)["comm_id"], {"selection": [5]})]
