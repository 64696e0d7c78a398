import socket

import pytest

from vista.server.hosts import host_check


@pytest.mark.parametrize(
    ("header", "ours"),
    [
        ("127.0.0.1:8765", True),
        ("localhost:8765", True),
        ("LOCALHOST:8765", True),
        ("[::1]:8765", True),
        ("localhost:1", False),
        ("localhost", False),
        ("evil.example:8765", False),
        ("localhost.evil.example:8765", False),
        ("192.168.0.7:8765", False),
        ("localhost:8765:8765", False),
        ("localhost:", False),
        ("", False),
    ],
)
def test_a_loopback_server_answers_to_loopback_names(header: str, ours: bool) -> None:
    assert host_check("127.0.0.1", 8765)(header) is ours


def test_a_header_without_a_port_means_80() -> None:
    assert host_check("127.0.0.1", 80)("localhost")
    assert host_check("127.0.0.1", 80)("[::1]")


@pytest.mark.parametrize(
    ("header", "ours"), [("192.168.0.7:8765", True), ("[fe80::1]:8765", True), ("localhost:8765", True), ("evil.example:8765", False)]
)
def test_a_server_on_every_address_answers_to_addresses(header: str, ours: bool) -> None:
    assert host_check("0.0.0.0", 8765)(header) is ours


def test_a_server_on_every_address_answers_to_the_machines_name() -> None:
    assert host_check("0.0.0.0", 8765)(f"{socket.gethostname()}:8765")


def test_a_server_on_a_named_host_answers_to_it() -> None:
    assert host_check("lab.example", 8765)("lab.example:8765")
    assert not host_check("lab.example", 8765)("192.168.0.7:8765")
