"""A headless Chromium. `apt-get install chromium chromium-driver` brings it; without one these tests fail."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService

os.environ["SE_OFFLINE"] = "true"
os.environ["SE_AVOID_STATS"] = "true"


def _program(*names: str) -> str:
    for name in names:
        if path := shutil.which(name):
            return path
    pytest.fail(f"{names[0]} is not installed: apt-get install chromium chromium-driver")


@pytest.fixture(scope="session")
def one_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    options = ChromeOptions()
    options.binary_location = _program("chromium", "google-chrome")
    profile = tmp_path_factory.mktemp("chromium")
    for argument in (
        "--headless=new",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--window-size=1100,900",
        f"--user-data-dir={profile}",
        # Nothing from outside this machine: what the page would load fails, and shows in the console.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ):
        options.add_argument(argument)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # Chromium refuses to run as root with it
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})  # type: ignore[no-untyped-call]
    service = ChromeService(_program("chromedriver"))
    with Chrome(options, service) as browser:
        yield browser


@pytest.fixture
def browser(one_browser: Chrome) -> Chrome:
    """The one browser, as wide as a screen, in light colours, with nothing in its console."""
    one_browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    one_browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    one_browser.get("about:blank")
    one_browser.get_log("browser")  # type: ignore[no-untyped-call]
    return one_browser


@pytest.fixture
def screenshots(tmp_path: Path) -> Path:
    """Where pictures go: `SCREENSHOTS`, so that somebody can look at them, or a folder of the test's own."""
    folder = Path(os.environ.get("SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
