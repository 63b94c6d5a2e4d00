"""The report in a real browser: every plot is drawn, in every theme and width, and the console stays empty."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from loadtests import report, slo, summary
from loadtests.result import Result
from tests.loadtests.sample_run import extras, sample

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]

# Where on the screen the middle point of a plot's first trace is, from the middle of its place.
POINT = """
const place = arguments[0];
const { x, y, base } = place._fullData[0];
const number = Math.floor(x.length / 2);
const [across, down] = [place._fullLayout.xaxis, place._fullLayout.yaxis];
const right = across._offset + across.d2p(base ? base[number] + x[number] / 2 : x[number]);
const below = down._offset + down.d2p(y[number]);
return [right - place.clientWidth / 2, below - place.clientHeight / 2];
"""

ALWAYS = {"latency", "distribution", "rates", "hops", "queues", "functions", "processors"}


def written(result: Result, folder: Path, **more: Any) -> Path:
    return report.write(result, summary.build(result, slo.load("order")) | more, folder)


def show(browser: Chrome, folder: Path) -> None:
    """Open the page and wait until its script says that it has drawn what there is to draw."""
    browser.get(f"file://{folder / 'index.html'}")
    WebDriverWait(browser, 60).until(
        lambda driver: driver.execute_script("return document.documentElement.dataset.plots === 'done'")
    )


def complaints(browser: Chrome) -> list[Any]:
    return [entry for entry in browser.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]  # type: ignore[no-untyped-call]


def drawn(browser: Chrome) -> set[str]:
    """Plots that have a picture with something in it."""
    script = """
    return [...document.querySelectorAll(".plot")]
      .filter((place) => place.querySelector("svg .trace, svg .point, svg .barlayer path"))
      .map((place) => place.id.replace("plot-", ""))
    """
    return set(browser.execute_script(script))


def resize(browser: Chrome, width: int) -> None:
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    WebDriverWait(browser, 30).until(lambda driver: too_wide(driver) == [])


def too_wide(browser: Chrome) -> list[str]:
    """Plots whose picture is wider than their place, and the page itself."""
    script = """
    const wide = [...document.querySelectorAll(".plot")]
      .filter((place) => place.querySelector(".main-svg").getBoundingClientRect().width > place.clientWidth + 1)
      .map((place) => place.id);
    const page = document.documentElement;
    return page.scrollWidth > page.clientWidth ? [...wide, `page ${page.scrollWidth}`] : wide;
    """
    return list(browser.execute_script(script))


def picture(browser: Chrome, path: Path) -> None:
    data = browser.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})["data"]
    path.write_bytes(base64.b64decode(data))


def test_page_draws_every_plot_without_a_complaint(browser: Chrome, tmp_path: Path, screenshots: Path) -> None:
    show(browser, written(sample(), tmp_path, **extras()))
    assert drawn(browser) == ALWAYS | {"answers", "scaling"}
    assert complaints(browser) == []
    picture(browser, screenshots / "light.png")


def test_page_loads_nothing_but_itself(browser: Chrome, tmp_path: Path) -> None:
    show(browser, written(sample(), tmp_path))
    names = browser.execute_script("return performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert [name for name in names if not name.startswith(("blob:", "data:"))] == []


@pytest.mark.parametrize("plot", sorted(ALWAYS))
def test_hovering_tells_the_figure(plot: str, browser: Chrome, tmp_path: Path) -> None:
    show(browser, written(sample(), tmp_path))
    place = browser.find_element(By.ID, f"plot-{plot}")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", place)
    x, y = browser.execute_script(POINT, place)
    ActionChains(browser).move_to_element_with_offset(place, int(x), int(y)).perform()
    label = WebDriverWait(browser, 20).until(
        lambda driver: [
            each.text for each in place.find_elements(By.CSS_SELECTOR, ".hoverlayer .hovertext") if each.text
        ]
    )
    assert any(letter.isdigit() for letter in label[0])


def test_logarithmic_axis_comes_and_goes(browser: Chrome, tmp_path: Path) -> None:
    show(browser, written(sample(), tmp_path))
    for wanted in ("log", "linear"):
        button = browser.find_element(By.CSS_SELECTOR, "button[data-plot=latency]")
        browser.execute_script("arguments[0].click()", button)
        WebDriverWait(browser, 20).until(
            lambda driver, wanted=wanted: driver.execute_script(
                "return document.getElementById('plot-latency').layout.yaxis.type === arguments[0]", wanted
            )
        )
    assert complaints(browser) == []


def test_dark_page_has_light_text_on_its_plots(browser: Chrome, tmp_path: Path, screenshots: Path) -> None:
    show(browser, written(sample(), tmp_path))
    features = [{"name": "prefers-color-scheme", "value": "dark"}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def lightness(driver: Chrome) -> bool:
        script = "return getComputedStyle(document.querySelector('#plot-latency .xtick text')).fill"
        return min(int(part) for part in driver.execute_script(script)[4:-1].split(",")[:3]) > 128

    WebDriverWait(browser, 20).until(lightness)
    picture(browser, screenshots / "dark.png")
    assert complaints(browser) == []


def test_narrow_page_scrolls_down_only(browser: Chrome, tmp_path: Path, screenshots: Path) -> None:
    show(browser, written(sample(), tmp_path, **extras()))
    resize(browser, 400)
    assert drawn(browser) == ALWAYS | {"answers", "scaling"}
    picture(browser, screenshots / "narrow.png")
    assert complaints(browser) == []


def test_printed_page_has_its_plots_within_the_paper(browser: Chrome, tmp_path: Path, screenshots: Path) -> None:
    show(browser, written(sample(), tmp_path, **extras()))
    browser.execute_script(
        "addEventListener('beforeprint', () => { window.printed = [...document.querySelectorAll('.plot .main-svg')]"
        ".map((svg) => svg.getBoundingClientRect().width) })"
    )
    pdf = base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"])
    assert pdf.startswith(b"%PDF")
    (screenshots / "print.pdf").write_bytes(pdf)
    widths = browser.execute_script("return window.printed")
    assert widths
    assert max(widths) <= 690
    resize(browser, 1100)
    assert complaints(browser) == []


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("empty", sample(0, samples=[], functions_after=None)),
        ("interrupted", sample(3, state="interrupted")),
    ],
    ids=["without orders", "interrupted at once"],
)
def test_page_with_little_in_it_complains_of_nothing(
    name: str, result: Result, browser: Chrome, tmp_path: Path, screenshots: Path
) -> None:
    show(browser, written(result, tmp_path))
    assert complaints(browser) == []
    picture(browser, screenshots / f"{name}.png")


@pytest.mark.timeout(600)
def test_page_of_100_000_orders_is_drawn_from_a_bounded_count_of_points(
    browser: Chrome, tmp_path: Path, screenshots: Path
) -> None:
    folder = written(sample(100_000, rate=50.0), tmp_path)
    page = (folder / "index.html").read_text()
    figures = json.loads(page.split('id="figures">')[1].split("</script>")[0])
    assert set(figures) >= ALWAYS
    assert len(json.dumps(figures)) < 600_000
    show(browser, folder)
    assert drawn(browser) >= ALWAYS
    assert complaints(browser) == []
    picture(browser, screenshots / "large.png")
