"""The page of convx.trace in a real browser: clicks and keys, and its numbers are NumPy's."""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import convx
import numpy as np
import pytest
from trace_networks import MADE_IMAGE, STEPS, made_layers, made_outputs

webdriver = pytest.importorskip("selenium.webdriver")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")

pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="Chromium and chromedriver are not installed")


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


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    started = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield started
    started.quit()


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    network = convx.networks.digits()
    trace = convx.trace(network.layers, network.images[7], classes=network.classes)
    path = tmp_path_factory.mktemp("digits") / "page.html"
    trace.save_html(path)
    return path, trace


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "page.html"
    convx.trace(made_layers(), MADE_IMAGE).save_html(path)
    return path


@pytest.fixture
def page(browser: Any) -> Iterator[Page]:
    yield Page(browser)
    assert [entry["message"] for entry in browser.get_log("browser")] == []


def test_digits_from_picture_to_class(page: Page, digits: tuple[Path, Any]) -> None:
    path, trace = digits
    page.open(path)
    scores = trace.outputs[-1].astype(float).ravel()
    chance = 100 * np.exp(scores - scores.max())[7] / np.exp(scores - scores.max()).sum()
    assert page.one("#summary").text.endswith(f"The largest is that of 7: {chance:.1f} %.")
    assert page.one(".classes .best").text.split() == ["7", f"{chance:.1f}", "%"]
    assert [len(page.all(f'.thumb[data-layer="{layer}"]')) for layer in ("image", 0, 1, 2, 3)] == [1, 8, 8, 16, 10]
    page.wait(lambda: page.one("#check").text)
    count = sum(output.size for output in trace.outputs)
    assert page.one("#check").text.startswith(f"All {count} values computed once more by this page: they are convx")


@pytest.mark.parametrize("layer", range(4))
def test_digits_by_mouse(page: Page, digits: tuple[Path, Any], layer: int) -> None:
    """Choose a map and a value by clicks: shares, result and sentence are those that Python says."""
    path, trace = digits
    page.open(path)
    shape = trace.outputs[layer].shape
    channel, row, column = shape[0] - 2, shape[1] // 2, shape[2] - 1
    page.choose(layer, channel)
    page.point(shape, row, column)
    value = trace.value(layer, channel, (row, column))
    assert (
        page.title()
        == f"Layer {layer}, {value.name}: map {channel}; The value at row {row}, column {column} of map {channel}"
    )
    assert page.result() == (value.output, pytest.approx(value.computed, abs=1e-12))
    if value.shares is not None:
        assert page.shares() == pytest.approx(value.shares.tolist(), abs=1e-12)
        assert len(page.all("#lines .strong")) == len(value.reads)
    assert page.said().startswith(f"Layer {layer}, map {channel}, row {row}, column {column}: ")
    assert page.one(".verdict").get_attribute("data-agrees") == "true"


@pytest.mark.parametrize("layer", range(len(STEPS)), ids=[f"{k}-{name}" for k, (name, _) in enumerate(STEPS)])
def test_made_network_is_numpys(page: Page, made: Path, layer: int) -> None:
    """Corners and middle of a map: what the page makes of its parts, and what it was given, is what NumPy computes."""
    page.open(made)
    expected = made_outputs()[layer][0].astype(float)
    channel = len(expected) - 1
    page.choose(layer, channel)
    _, height, width = expected.shape
    for row, column in {(0, 0), (height // 2, width // 2), (height - 1, width - 1)}:
        page.point(expected.shape, row, column)
        assert page.result() == pytest.approx((expected[channel, row, column],) * 2, abs=1e-5)
        assert page.one(".verdict").get_attribute("data-agrees") == "true"


def test_windows_weights_and_groups(page: Page, made: Path) -> None:
    """The tables of the cards: padding by its mode, dilated taps, only the maps of the group."""
    page.open(made)
    arguments, channel, row, column = STEPS[1][1], 6, 0, 3
    page.choose(1, channel)
    page.point(made_outputs()[1].shape[1:], row, column)
    padded = np.pad(made_outputs()[0][0], [(0, 0), (2, 2), (2, 2)], mode="wrap")
    for card, source in enumerate((3, 4, 5)):
        window = padded[source, row : row + 5 : 2, column : column + 5 : 2]
        np.testing.assert_allclose(page.table(card, "window"), window, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(page.table(card, "weight"), arguments["weight"][channel, card], rtol=1e-6)
    assert len(page.all(".card")) == 3
    assert "group 1 of 2" in page.one("#map-hint").text
    assert len(page.all('.thumb[data-layer="0"].unread')) == 3
    assert len(page.all(".cells td.padded")) == 9  # a row of taps in each window


def test_pools_show_their_winner(page: Page, digits: tuple[Path, Any]) -> None:
    path, trace = digits
    page.open(path)
    page.choose(1, 5)
    page.point((8, 4, 4), 1, 2)
    window = trace.outputs[0][5, 2:4, 4:6]
    np.testing.assert_allclose(page.table(0, "window"), window, rtol=1e-6)
    winner = page.one(".cells .winner").get_attribute("title")
    assert float(winner) == pytest.approx(window.max(), rel=1e-6)
    assert "The largest of the window is" in page.one("#shares").text


def test_keys_move_the_value(page: Page, digits: tuple[Path, Any]) -> None:
    path, trace = digits
    page.open(path)
    page.choose(2, 5)
    page.point((16, 4, 4), 1, 1)
    assert page.browser.switch_to.active_element == page.one("#output-map")
    for keys, (channel, row, column) in {
        ("ARROW_RIGHT",): (5, 1, 2),
        ("ARROW_DOWN",): (5, 2, 2),
        ("ARROW_LEFT", "ARROW_LEFT", "ARROW_LEFT"): (5, 2, 0),  # stops at the edge
        ("ARROW_UP",): (5, 1, 0),
        ("END",): (5, 1, 3),
        ("HOME",): (5, 1, 0),
        ("PAGE_DOWN",): (6, 1, 0),
        ("PAGE_UP", "PAGE_UP"): (4, 1, 0),
    }.items():
        before = page.said()
        page.press(*keys)
        assert page.result()[0] == trace.outputs[2][channel, row, column]
        assert page.said().startswith(f"Layer 2, map {channel}, row {row}, column {column}: ")
        assert page.said() != before
    assert page.browser.current_url.endswith("#2,4,1,0")


def test_keys_go_through_layers_and_maps(page: Page, digits: tuple[Path, Any]) -> None:
    page.open(digits[0])
    page.choose(2, 0)
    for key, (layer, channel) in {"ARROW_DOWN": (2, 1), "ARROW_RIGHT": (3, 1), "ARROW_UP": (3, 0)}.items():
        page.press(key)
        focused = page.browser.switch_to.active_element
        assert (focused.get_attribute("data-layer"), focused.get_attribute("data-map")) == (str(layer), str(channel))
        assert focused.get_attribute("aria-pressed") == "true"
        assert len(page.all('.thumb[tabindex="0"]')) == 1
        assert page.title().startswith(f"Layer {layer}, Conv2d: map {channel};")
    page.press("TAB")
    assert page.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_a_value_is_followed_back(page: Page, digits: tuple[Path, Any]) -> None:
    """From a score to the layer before it, by click and by Enter, down to the image."""
    page.open(digits[0])
    page.choose(3, 7)
    page.all("button.source")[4].click()
    assert page.title().startswith("Layer 2, Conv2d: map 4;")
    page.all("button.source")[2].send_keys(webdriver.Keys.ENTER)
    assert page.title().startswith("Layer 1, max_pool2d: map 2;")
    page.all("button.source")[0].send_keys(webdriver.Keys.ENTER)
    assert page.title().startswith("Layer 0, Conv2d: map 2;")
    assert not page.all("button.source")


def test_shares_open_their_products(page: Page, digits: tuple[Path, Any]) -> None:
    path, trace = digits
    page.open(path)
    page.choose(2, 0)
    page.all(".chip")[3].click()
    assert [chip.get_attribute("aria-pressed") for chip in page.all(".chip")].index("true") == 3
    assert page.one("#formula h3").text == "The share of map 3"
    position = tuple(map(int, page.browser.current_url.rpartition("#")[2].split(",")[2:]))
    share = trace.value(2, 0, position).shares[3]
    assert float(page.all("#formula .line strong")[-1].text.replace("−", "-")) == pytest.approx(share, rel=1e-3)
    wrong = sum(max(share, 0) for share in trace.value(2, 0, position).shares) + trace.value(2, 0, position).bias
    assert f"would give {float(f'{wrong:.4g}'):g} instead of" in page.one(".contrast").text


def test_a_finger_chooses_a_value(page: Page, digits: tuple[Path, Any]) -> None:
    path, trace = digits
    page.open(path, width=390)
    page.run("location.hash = '2,3,0,0'")
    page.run("document.getElementById('output-map').scrollIntoView({block: 'center'})")
    box = page.run(
        "const b = document.getElementById('output-map').getBoundingClientRect(); return [b.x, b.y, b.width]"
    )
    for row, column in ((3, 1), (0, 2)):
        point = {"x": box[0] + (column + 0.5) * box[2] / 4, "y": box[1] + (row + 0.5) * box[2] / 4}
        for kind, points in (("touchStart", [point]), ("touchEnd", [])):
            page.browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        assert page.result()[0] == trace.outputs[2][3, row, column]


def test_slide_goes_on_and_stops(page: Page, digits: tuple[Path, Any]) -> None:
    page.open(digits[0])
    page.choose(2, 0)
    page.point((16, 4, 4), 0, 0)
    page.one("#slide").click()
    page.wait(lambda: "column 1" in page.title())
    page.one("#slide").click()
    assert page.one("#slide").get_attribute("aria-pressed") == "false"


def test_everything_has_a_name(page: Page, digits: tuple[Path, Any]) -> None:
    """For those who do not see it: names of buttons, tables with captions, canvases that are told or hidden."""
    page.open(digits[0])
    unnamed = """
        const named = (node) => node.getAttribute('aria-label') || node.textContent.trim();
        return [
          ...Array.from(document.querySelectorAll('button')).filter((node) => !named(node)),
          ...Array.from(document.querySelectorAll('table')).filter((node) => !node.caption?.textContent),
          ...Array.from(document.querySelectorAll('canvas')).filter(
            (node) => node.getAttribute('aria-hidden') !== 'true' && !named(node)),
          ...Array.from(document.querySelectorAll('svg')).filter((node) => node.getAttribute('aria-hidden') !== 'true'),
        ].map((node) => node.outerHTML.slice(0, 200));
    """
    assert page.run(unnamed) == []
    live = page.one("#live")
    assert (live.get_attribute("aria-live"), live.get_attribute("role")) == ("polite", "status")
    assert page.one("html").get_attribute("lang") == "en"
    assert page.one("#output-map").get_attribute("aria-label").startswith("Map ")


@pytest.mark.parametrize("width", [390, 800, 1400])
def test_no_width_is_too_narrow(page: Page, digits: tuple[Path, Any], width: int) -> None:
    page.open(digits[0], width=width)
    for layer in range(4):
        page.run("location.hash = arguments[0]", f"{layer},3,0,0")
        assert page.run("return document.documentElement.scrollWidth") <= width


def test_dark_and_still(page: Page, digits: tuple[Path, Any]) -> None:
    """The colours follow the scheme, and nothing moves for those who asked for that."""
    pixel = "const c = document.querySelector('.thumb canvas[style]'); const m = document.querySelector('#output-map');"
    pixel += "return Array.from(m.getContext('2d').getImageData(4, m.height - 4, 1, 1).data.slice(0, 3))"
    brightness = {}
    for scheme in ("light", "dark"):
        page.open(digits[0], scheme=scheme, motion="reduce")
        page.run("location.hash = '2,0,2,1'")
        brightness[scheme] = sum(page.run(pixel))
        ground = page.run("return getComputedStyle(document.body).backgroundColor")
        assert (ground == "rgb(255, 255, 255)") == (scheme == "light")
    assert brightness["light"] > 600 > 200 > brightness["dark"]  # a zero has the colour of the ground
    assert page.run("return getComputedStyle(document.querySelector('.thumb')).transitionDuration") == "0s"


def test_it_works_in_the_frame_of_a_notebook(page: Page, digits: tuple[Path, Any], tmp_path: Path) -> None:
    _, trace = digits
    (tmp_path / "cell.html").write_text(f"<!DOCTYPE html><title>cell</title>{trace._repr_html_()}", "utf-8")
    page.open(tmp_path / "cell.html")
    page.browser.switch_to.frame(page.one("iframe"))
    page.choose(3, 4)
    assert page.result()[0] == trace.outputs[3][4, 0, 0]


def test_a_signal_has_positions(page: Page, tmp_path: Path) -> None:
    """Layers of one axis are drawn as rows, and their values have one index."""
    signal = np.sin(np.arange(30.0))[np.newaxis]
    plan = convx.Conv1d(np.ones((2, 1, 3)), np.array([0.5, -0.5]), stride=2, padding=1)
    trace = convx.trace([plan], signal)
    trace.save_html(tmp_path / "page.html")
    page.open(tmp_path / "page.html")
    page.choose(0, 1)
    page.point((2, 1, 15), 0, 4)
    assert page.result()[0] == trace.outputs[0][1, 4]
    assert page.title() == "Layer 0, Conv1d: map 1; The value at position 4 of map 1"
    assert "outputs[0][1, 4] = bias[1] + Σ weight[1, 0, s] · image[0, s + 7]" in page.one("#formula").text


def test_a_wrong_value_is_shown(page: Page, tmp_path: Path) -> None:
    """The page does its sums itself: a value that is not their result is found."""
    network = convx.networks.digits()
    trace = convx.trace(network.layers, network.images[7])
    trace._steps[0].output[2, 3, 4] += 0.25
    trace.save_html(tmp_path / "page.html")
    page.open(tmp_path / "page.html")
    page.choose(0, 2)
    page.point((8, 8, 8), 3, 4)
    assert page.one(".verdict").get_attribute("data-agrees") == "false"
    assert "more than rounding explains" in page.one(".verdict").text
    page.wait(lambda: page.one("#check").text)
    assert "by more than rounding" in page.one("#check").text
