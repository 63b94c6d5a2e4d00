"""`make dashboard`: the page is there, and is opened where there is a browser."""

import os
import re
import subprocess
import sys

import pytest
from rich.console import Console

from sandbox import dashboard
from sandbox.errors import NotRunningError, SandboxError
from sandbox.paths import ROOT
from sandbox.target import Target
from tests.conftest import free_port


@pytest.fixture
def make_dashboard(stack):
    """What the command prints, where the environment has this BROWSER and no screen."""

    def run(browser):
        screens = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "BROWSER": browser, "ENDPOINT": stack.endpoint}
        command = [sys.executable, "-m", "sandbox", "dashboard"]
        environment = {**os.environ, **screens}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        assert done.stderr == ""
        return done.stdout

    return run


def test_page_opens_signed_in_where_there_is_a_browser(make_dashboard, stack, tmp_path, admin):
    opened, browser = tmp_path / "opened", tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {opened}\n')
    browser.chmod(0o700)
    page = f"{stack.api_url}{dashboard.PATH}"

    printed = make_dashboard(f"{browser} %s")

    assert page in printed
    assert "signed in" in printed
    address, _, token = opened.read_text().partition("#token=")
    assert address == page
    headers = {"Authorization": f"Bearer {token}"}
    assert admin.call("GET", "/analytics/sales", headers=headers).status_code == 200


def test_address_and_sign_in_are_printed_where_there_is_none(make_dashboard, stack):
    for browser in ("", "/no/such/browser %s"):
        printed = make_dashboard(browser)
        assert f"{stack.api_url}{dashboard.PATH}" in printed
        assert "admin@example.com / admin-password" in printed


def test_page_and_what_it_loads_are_served_beside_the_api(anonymous):
    page = anonymous.call("GET", dashboard.PATH)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    loaded = re.findall(r'(?:src|href)="(dashboard/[^"]+)"', page.text)
    assert len(loaded) == 2
    for name in loaded:
        assert anonymous.call("GET", f"/analytics/{name}").status_code == 200


def test_what_has_no_page_is_told_in_a_line(stack):
    console = Console(quiet=True)
    with pytest.raises(NotRunningError, match=r"^Nothing answers at http\S+ \(connection refused\)\.$"):
        dashboard.show(Target(f"http://127.0.0.1:{free_port()}", None), {}, console)

    class Elsewhere(Target):
        api_url = f"{stack.endpoint}/_aws/execute-api/no-such-api/dev"

    with pytest.raises(SandboxError, match=r"make up brings the stack up to date"):
        dashboard.show(Elsewhere(stack.endpoint, None), {}, console)
