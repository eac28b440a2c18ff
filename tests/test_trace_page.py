"""The page of convx.trace in a real browser: its numbers are NumPy's, whatever is clicked."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import convx
import numpy as np
import pytest
from trace_browser import Page, digits_page, needs_chromium, started, webdriver
from trace_networks import MADE_IMAGE, STEPS, digits_by_numpy, made_layers, made_outputs

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


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "page.html"
    convx.trace(made_layers(), MADE_IMAGE).save_html(path)
    return path


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


def test_the_wrong_place_of_the_activation_misreads(page: Page, tmp_path: Path) -> None:
    """The page's contrast, for a value and for the network, against plain sums."""
    network = convx.networks.digits()
    trace = convx.trace(network.layers, network.images[3], classes=network.classes)
    assert trace.prediction == "3"
    trace.save_html(tmp_path / "page.html")
    page.open(tmp_path / "page.html")
    scores = digits_by_numpy(right=False)[-1].ravel()
    chance = 100 * np.exp(scores - scores.max()).max() / np.exp(scores - scores.max()).sum()
    assert f"would be that of {scores.argmax()} ({chance:.1f} %)." in page.one(".contrast").text
    assert scores.argmax() == 1


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
