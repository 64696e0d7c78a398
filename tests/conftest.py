"""One Chromium driver for all tests, for a process can hold only one; drawn examples that are the same in every run, on any machine."""

import os
import shutil
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Playwright, sync_playwright

settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("wandering", settings.get_profile("steady"), derandomize=False)
settings.load_profile(os.environ.get("VISTA_EXAMPLES", "steady"))


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser: where it is installed the build without a user interface, which takes less of a core for the same page."""
    named = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("VISTA_CHROMIUM") or next(filter(None, map(shutil.which, named)), None)
    if found is None:
        pytest.skip("no Chromium found; install it or set VISTA_CHROMIUM")
    return found
