"""Firefox, driven by WebDriver BiDi: the little of it that the tests of the viewer need.

Playwright drives only a Firefox of its own; this speaks to the one that people have.
"""

from __future__ import annotations

import base64
import itertools
import json
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "Tab": "\ue004", "ArrowLeft": "\ue012", "ArrowUp": "\ue013", "ArrowRight": "\ue014"}
PREFERENCES = {
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.safebrowsing.downloads.remote.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.getAddons.cache.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "ui.prefersReducedMotion": 1,
}
STARTING_S, ANSWER_S, DRAWING_S = 60, 60, 30
EVENTS = ["log.entryAdded", "network.beforeRequestSent"]


class Firefox:
    """A tab of a running Firefox."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.version: str = self.ask("session.new", capabilities={})["capabilities"]["browserVersion"]
        self.ask("session.subscribe", events=EVENTS)
        self._tab: str = self.ask("browsingContext.create", type="tab")["context"]

    def ask(self, method: str, **params: Any) -> Any:
        """Send a command and return its result; what is told meanwhile is kept."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            told = json.loads(self._socket.recv(timeout=ANSWER_S))
            if told["type"] == "event":
                self._keep(told["method"], told["params"])
            elif told["id"] == number:
                assert told["type"] == "success", f"{method}: {told.get('message')}"
                return told["result"]

    def _keep(self, event: str, params: dict[str, Any]) -> None:
        if event == "log.entryAdded" and params["level"] == "error":
            self.errors.append(params["text"])
        elif event == "network.beforeRequestSent" and params.get("context") == self._tab:
            self.requests.append(params["request"]["url"])

    def resize(self, width: int, height: int) -> None:
        self.ask("browsingContext.setViewport", context=self._tab, viewport={"width": width, "height": height})

    def open(self, url: str) -> None:
        self.ask("browsingContext.navigate", context=self._tab, url="about:blank", wait="complete")
        self.ask("browsingContext.navigate", context=self._tab, url=url, wait="complete")
        self.wait()

    def run(self, expression: str) -> Any:
        """Evaluate JavaScript in the page; a promise is awaited, and what comes back is plain data."""
        wrapped = f"(async () => JSON.stringify((await ({expression})) ?? null))()"
        told = self.ask("script.evaluate", expression=wrapped, target={"context": self._tab}, awaitPromise=True)
        assert told["type"] == "success", told["exceptionDetails"]["text"]
        return json.loads(told["result"]["value"])

    def wait(self) -> None:
        """Wait until all is drawn and nothing is loading any more."""
        self.pause(0.12)
        self.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        self.wait_for("document.documentElement.dataset.vista === 'ready'")

    def wait_for(self, condition: str) -> Any:
        """Wait until an expression is true of the page, and return its value."""
        until = time.monotonic() + DRAWING_S
        while not (value := self.run(condition)):
            assert time.monotonic() < until, f"never came true: {condition}"
            self.pause(0.05)
        return value

    def pause(self, seconds: float) -> None:
        self.run(f"new Promise(done => setTimeout(done, {1000 * seconds}))")

    def press(self, *keys: str) -> None:
        for key in keys:
            value = KEYS.get(key, key)
            self._act("key", [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}])
        self.wait()

    def type(self, text: str) -> None:
        self._act("key", [{"type": kind, "value": letter} for letter in text for kind in ("keyDown", "keyUp")])
        self.pause(0.3)
        self.wait()

    def click(self, x: float, y: float) -> None:
        self.drag((x, y))

    def drag(self, start: tuple[float, float], *path: tuple[float, float]) -> None:
        """Press the mouse at a place and let it go at the last of some others."""
        moves = [{"type": "pointerMove", "x": round(x), "y": round(y), "duration": 60} for x, y in path]
        at = {"type": "pointerMove", "x": round(start[0]), "y": round(start[1])}
        press, release = {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}
        self._act("pointer", [at, press, *moves, *([{"type": "pause", "duration": 150}] if path else []), release])
        self.pause(0.35)
        self.wait()

    def wheel(self, x: float, y: float, delta: int) -> None:
        self._act("wheel", [{"type": "scroll", "x": round(x), "y": round(y), "deltaX": 0, "deltaY": delta}])
        self.wait()

    def click_on(self, selector: str) -> None:
        """Click the middle of an element of the page."""
        box = self.wait_for(f"(() => {{ const one = document.querySelector({selector!r}); return one && one.getBoundingClientRect(); }})()")
        self.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def _act(self, kind: str, actions: list[dict[str, Any]]) -> None:
        self.ask("input.performActions", context=self._tab, actions=[{"type": kind, "id": kind, "actions": actions}])

    def screenshot(self) -> bytes:
        """The page as PNG."""
        return base64.b64decode(self.ask("browsingContext.captureScreenshot", context=self._tab)["data"])


@contextmanager
def running_firefox(path: str, profile: Path) -> Iterator[Firefox]:
    """Start Firefox without a window and with a fresh profile, and end it afterwards."""
    profile.mkdir()
    preferences = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items()]
    (profile / "user.js").write_text("".join(preferences))
    log = profile / "stderr.txt"
    command = [path, "--headless", "--remote-debugging-port", "0", "--profile", str(profile), "--no-remote", "about:blank"]
    with log.open("wb") as told:
        process = subprocess.Popen(command, stdout=told, stderr=subprocess.STDOUT)
    try:
        with connect(_address(process, log), max_size=None, ping_interval=None) as socket:
            yield Firefox(socket)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Where Firefox says that it listens."""
    until = time.monotonic() + STARTING_S
    while time.monotonic() < until and process.poll() is None:
        if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", log.read_text(errors="replace")):
            return f"{found[1]}/session"
        time.sleep(0.1)
    raise AssertionError(f"Firefox did not start: {log.read_text(errors='replace')[-400:]}")
