"""Fakes of Neuronpedia and of an OpenAI-compatible model on this machine: real HTTP servers whose answers a test decides."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Answer:
    """What the fake answers: JSON (or raw bytes), with a status; some misbehave."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    before_s: float = 0.0
    drip_s: float = 0.0  # between single bytes


@dataclass
class FakeServer:
    url: str
    asked: list[Asked]


@contextmanager
def fake_server(answer: Callable[[Asked], Answer]) -> Iterator[FakeServer]:
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve(None)

        def do_POST(self) -> None:
            self._serve(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _serve(self, body: Any) -> None:
            question = Asked(self.command, self.path, dict(self.headers), body)
            asked.append(question)
            told = answer(question)
            raw = told.body if isinstance(told.body, bytes) else json.dumps(told.body).encode()
            time.sleep(told.before_s)
            try:
                self.send_response(told.status)
                for name, value in {"Content-Length": str(len(raw)), **told.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                for byte in raw if told.drip_s else ():
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                    time.sleep(told.drip_s)
                if not told.drip_s:
                    self.wfile.write(raw)
            except (BrokenPipeError, ConnectionResetError):
                return

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield FakeServer(f"http://127.0.0.1:{server.server_port}", asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def fake_openai(say: Callable[[str], str]) -> Callable[[Asked], Answer]:
    """Answer as an OpenAI-compatible server does that has one model, "fake-1"; `say` sees what the user says."""

    def answer(asked: Asked) -> Answer:
        if asked.path == "/v1/models":
            return Answer({"object": "list", "data": [{"id": "fake-1", "object": "model"}]})
        if asked.path != "/v1/chat/completions":
            return Answer({"error": {"message": "no such path"}}, 404)
        said = say(asked.body["messages"][-1]["content"])
        return Answer({"object": "chat.completion", "choices": [{"index": 0, "message": {"role": "assistant", "content": said}}]})

    return answer
