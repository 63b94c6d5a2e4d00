"""The page with live sales, in a real browser, on a real stack."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from bootstrap import catalogue
from bootstrap.clients import Clients
from bootstrap.reset import reset
from sandbox import flows
from sandbox.dashboard import PATH
from sandbox.shop_client import ADMIN_EMAIL, ADMIN_PASSWORD, ShopClient
from sandbox.target import Target
from sandbox.up import bring_up
from tests.conftest import ENDPOINT

pytestmark = pytest.mark.slow

SHOWN = """
const text = (id) => document.getElementById(id).textContent;
return {
  orders: text("orders"),
  units: text("units"),
  revenue: text("revenue"),
  products: [...document.querySelectorAll("#products li")].map((row) =>
    [row.querySelector(".name").textContent, row.querySelector(".money").textContent]),
  bars: [...document.querySelectorAll("svg.bars")].map((plot) => plot.querySelectorAll("rect").length),
};
"""


@pytest.fixture(scope="module")
def target(endpoint: str) -> Target:
    """The shop, with nothing sold yet: tests that came before leave sales, products sold out and products gone."""
    found = Target(endpoint, None)
    bring_up(found, Console(quiet=True))
    if not ENDPOINT:  # what lies in somebody else's stays
        clients = Clients(endpoint)
        reset(clients, lambda: flows.stack_at(clients), found.api_url)
    return found


@pytest.fixture(scope="module")
def shop(target: Target) -> ShopClient:
    client = ShopClient(target.api_url)
    client.log_in()
    return client


@pytest.fixture
def page(browser: Chrome, target: Target) -> Iterator[str]:
    """Its address; nobody is signed in on it, before and after."""
    address = f"{target.api_url}{PATH}"
    yield address
    browser.execute_script("sessionStorage.clear()")
    assert complaints(browser) == []


# The browser's own words on a sign-in that was refused, and on what a busy machine did not answer: the page asks again.
PASSED_OVER = re.compile(r"/users/login|/(analytics/sales|products/)\S* .*Failed to load resource.* status of 5\d\d")


def complaints(browser: Chrome) -> list[Any]:
    """What the console says, but for what is passed over."""
    return [entry for entry in browser.get_log("browser") if not PASSED_OVER.search(entry["message"])]  # type: ignore[no-untyped-call]


def wait(browser: Chrome, check: Any) -> Any:
    return WebDriverWait(browser, 60).until(check)


def shown(browser: Chrome) -> dict[str, Any]:
    found: dict[str, Any] = browser.execute_script(SHOWN)
    return found


def number(text: str) -> float:
    return float(text.replace(",", ""))


def sign_in(browser: Chrome, password: str) -> None:
    for name, text in (("email", ADMIN_EMAIL), ("password", password)):
        field = browser.find_element(By.NAME, name)
        field.clear()
        field.send_keys(text)
    browser.find_element(By.CSS_SELECTOR, "#sign-in button").click()


def test_sales_appear_as_they_are_made(browser: Chrome, page: str, shop: ShopClient) -> None:
    browser.get(page)
    sign_in(browser, "a-wrong-password")
    wait(browser, lambda driver: driver.find_element(By.ID, "refused").text)
    sign_in(browser, ADMIN_PASSWORD)
    wait(browser, lambda driver: driver.find_element(By.ID, "revenue").text)
    before = shown(browser)

    product = catalogue.products()[0]
    order_id = shop.place_order([{"productId": product.product_id, "quantity": 10_000}], "tok_ok")["orderId"]
    assert shop.order_once(order_id, "confirmed", timeout_s=60)["status"] == "CONFIRMED"

    after = wait(browser, lambda driver: (now := shown(driver))["orders"] != before["orders"] and now)
    assert number(after["orders"]) == number(before["orders"]) + 1
    assert number(after["units"]) == number(before["units"]) + 10_000
    assert number(after["revenue"]) == pytest.approx(number(before["revenue"]) + product.price_cents * 100)
    wait(browser, lambda driver: shown(driver)["products"][0][0] == product.name)
    assert all(shown(browser)["bars"])


def test_token_of_make_dashboard_signs_in_and_leaves_the_address(
    browser: Chrome, page: str, target: Target, shop: ShopClient
) -> None:
    admin = ShopClient(target.api_url)
    admin.log_in(ADMIN_EMAIL, ADMIN_PASSWORD)
    browser.get(f"{page}#token={admin.authorization.removeprefix('Bearer ')}")
    wait(browser, lambda driver: driver.find_element(By.ID, "revenue").text)
    assert browser.current_url == page

    browser.get(f"{page}?again#token={shop.authorization.removeprefix('Bearer ')}")  # a customer's
    wait(browser, lambda driver: driver.find_element(By.ID, "sign-in").is_displayed())
    assert "admin" in browser.find_element(By.ID, "refused").text
    browser.get_log("browser")  # type: ignore[no-untyped-call]  # the browser's own word on the 403


def test_answer_that_never_comes_is_not_waited_for_without_end(browser: Chrome, page: str, target: Target) -> None:
    admin = ShopClient(target.api_url)
    admin.log_in(ADMIN_EMAIL, ADMIN_PASSWORD)
    browser.get(f"{page}?silent#token={admin.authorization.removeprefix('Bearer ')}")
    wait(browser, lambda driver: driver.find_element(By.ID, "revenue").text)
    browser.execute_script("""
      window.answering = window.fetch;
      window.fetch = (_, { signal }) => new Promise((_, refuse) => signal.addEventListener("abort", refuse));
    """)
    wait(browser, lambda driver: "does not answer" in driver.find_element(By.ID, "state").text)
    browser.execute_script("window.fetch = window.answering")
    wait(browser, lambda driver: "live" in driver.find_element(By.ID, "state").text)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1100, 360])
def test_page_fits_every_screen(
    browser: Chrome, page: str, target: Target, screenshots: Path, scheme: str, width: int
) -> None:
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": [feature]})
    admin = ShopClient(target.api_url)
    admin.log_in(ADMIN_EMAIL, ADMIN_PASSWORD)
    browser.get(f"{page}#token={admin.authorization.removeprefix('Bearer ')}")
    wait(browser, lambda driver: driver.find_element(By.ID, "revenue").text)

    root = "document.documentElement"
    assert browser.execute_script(f"return {root}.scrollWidth - {root}.clientWidth") == 0
    paper = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (int(paper.removeprefix("rgb(").split(",")[0]) < 128) == (scheme == "dark")
    data = browser.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})["data"]
    (screenshots / f"dashboard-{scheme}-{width}.png").write_bytes(base64.b64decode(data))
