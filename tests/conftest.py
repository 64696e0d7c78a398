"""One Chromium driver for all tests: a process can hold only one."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Playwright, sync_playwright


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> str:
    found = (
        os.environ.get("VISTA_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    )
    if found is None:
        pytest.skip("no Chromium found; install it or set VISTA_CHROMIUM")
    return found
