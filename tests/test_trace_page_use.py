"""The page of convx.trace in use: keys, touch, screen readers, any width, light and dark, within a notebook."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from trace_browser import Page, digits_page, needs_chromium, started

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with started() as browser:
        yield browser


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    return digits_page(tmp_path_factory.mktemp("digits") / "page.html")


@pytest.fixture
def page(browser: Any) -> Iterator[Page]:
    yield Page(browser)
    assert Page(browser).errors() == []


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
