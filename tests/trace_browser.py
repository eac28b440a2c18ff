"""A page of convx.trace in a real browser, and what a reader does to it."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import convx
import pytest

webdriver = pytest.importorskip("selenium.webdriver")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")

needs_chromium = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="Chromium and chromedriver are not installed")


class Page:
    """A page in a browser, and what a reader does to it."""

    def __init__(self, browser: Any) -> None:
        self.browser = browser

    def open(self, path: Path, *, width: int = 1400, scheme: str = "light", motion: str = "no-preference") -> "Page":
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        features = [("prefers-color-scheme", scheme), ("prefers-reduced-motion", motion)]
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        named = {"features": [{"name": name, "value": value} for name, value in features]}
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", named)
        self.browser.get("about:blank")
        self.browser.get(path.as_uri())
        return self

    def one(self, selector: str) -> Any:
        return self.browser.find_element("css selector", selector)

    def all(self, selector: str) -> list[Any]:
        return list(self.browser.find_elements("css selector", selector))

    def run(self, script: str, *arguments: Any) -> Any:
        return self.browser.execute_script(script, *arguments)

    def choose(self, layer: int, channel: int) -> None:
        """Click a map of the overview."""
        self.one(f'.thumb[data-layer="{layer}"][data-map="{channel}"]').click()

    def point(self, shape: tuple[int, ...], row: int, column: int) -> None:
        """Click a value of the output map."""
        canvas = self.one("#output-map")
        self.run("arguments[0].scrollIntoView({block: 'center'})", canvas)
        box = canvas.rect
        places = ((column + 0.5) / shape[2] - 0.5, (row + 0.5) / shape[1] - 0.5)
        offset = [round(place * box[side]) for place, side in zip(places, ("width", "height"), strict=True)]
        webdriver.ActionChains(self.browser, duration=0).move_to_element_with_offset(canvas, *offset).click().perform()

    def press(self, *keys: str) -> None:
        self.browser.switch_to.active_element.send_keys(*[getattr(webdriver.Keys, key, key) for key in keys])

    def result(self) -> tuple[float, float]:
        """The value that convx computed, and what the page makes of its parts."""
        shown = self.run("return document.getElementById('result').dataset")
        return float(shown["value"]), float(shown["computed"])

    def shares(self) -> list[float]:
        script = "return Array.from(document.querySelectorAll('.share'), (node) => Number(node.dataset.value))"
        return list(self.run(script))

    def said(self) -> str:
        return str(self.run("return document.getElementById('live').textContent"))

    def wait(self, happens: Callable[[], Any]) -> None:
        deadline = time.monotonic() + 10
        while not happens():
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def title(self) -> str:
        return self.one("#map-title").text + "; " + self.one("#formula-title").text

    def table(self, card: int, which: str) -> list[list[float]]:
        """The numbers of a table in a card, to eight figures."""
        script = """
            const table = document.querySelectorAll('.card')[arguments[0]].querySelectorAll('.cells')[arguments[1]];
            return Array.from(table.rows, (row) => Array.from(row.cells, (cell) => cell.title));
        """
        cells = self.run(script, card, {"window": 0, "weight": 1}[which])
        assert cells
        return [[float(text.replace("−", "-")) for text in row] for row in cells]

    def errors(self) -> list[str]:
        """What the browser complained of since it was asked last."""
        return [entry["message"] for entry in self.browser.get_log("browser")]


@contextmanager
def started() -> Iterator[Any]:
    """Chromium without a window."""
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    try:
        yield browser
    finally:
        browser.quit()


def digits_page(path: Path) -> tuple[Path, Any]:
    """Write the page of a seven; return it and what it shows."""
    network = convx.networks.digits()
    trace = convx.trace(network.layers, network.images[7], classes=network.classes)
    trace.save_html(path)
    return path, trace
