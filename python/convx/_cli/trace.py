"""``convx trace``: the digits network on one picture, as text, as a page and as a workbook."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

import convx
from convx._cli.errors import UserError
from convx._cli.picture import load_picture
from convx._cli.table import shape
from convx._trace import Trace
from convx._types import FloatArray
from convx.networks import Digits

__all__ = ["run_trace"]


def run_trace(
    image: str | None,
    *,
    digit: int | None,
    layer: int | None,
    channel: int | None,
    at: tuple[int, int] | None,
    html: str | None,
    xlsx: str | None,
    show: bool,
) -> None:
    """Trace the digits network; without `html` and `xlsx`, print what one value was made of.

    Parameters
    ----------
    image : str or None
        Path of a picture; None for a sample.
    digit : int or None
        Which sample; None for 3, which the network reads as 1 with its activations in the wrong place.
    layer, channel : int or None
        Of the value that is printed; None for one with something to see.
    at : tuple of (int, int) or None
        Its row and column.
    html, xlsx : str or None
        Files to write.
    show : bool
        Whether to open the page in the browser.
    """
    if image is not None and digit is not None:
        raise UserError("--digit chooses a sample: it does not go with IMAGE")
    if show and html is None:
        raise UserError("--open needs --html")
    network = convx.networks.digits()
    picture, name = _picture(network, image, 3 if digit is None else digit)
    trace = convx.trace(network.layers, picture, classes=network.classes, title=f"How a network reads {name}")
    wanted = (html is None and xlsx is None) or (layer, channel, at) != (None, None, None)
    value = _value(trace, layer, channel, at) if wanted else None
    for save, path in ((trace.save_html, html), (trace.save_xlsx, xlsx)):
        if path is not None:
            _write(save, path)
    _print_head(trace, name)
    if value is not None:
        print(f"\n{value}")
    if html is not None:
        print(f"page written to {html}: open it in a browser")
    if xlsx is not None:
        print(f"workbook written to {xlsx}: open it in LibreOffice or Excel")
    if show and html is not None:
        import webbrowser

        webbrowser.open(Path(html).resolve().as_uri())


def _picture(network: Digits, path: str | None, digit: int) -> tuple[FloatArray, str]:
    if path is None:
        return network.images[digit], f"a handwritten {digit}"
    grey = load_picture(path, network.images.shape[-1], square=True)
    if grey.mean() > 0.5:  # the network knows ink as bright
        grey = 1 - grey
    return grey[np.newaxis], Path(path).name


def _print_head(trace: Trace, name: str) -> None:
    print(f"{name}, {shape(trace.image.shape[1:])} pixels:")
    for row in trace.image[0]:
        print("  " + "".join(2 * " .:-=+*#%@"[min(int(9.99 * value), 9)] for value in row).rstrip())
    scores = np.asarray(trace.scores, np.float64)
    chances = np.exp(scores - scores.max())
    chances /= chances.sum()
    print(f"the network reads {trace.prediction} ({100 * chances.max():.1f} %)")


def _value(trace: Trace, layer: int | None, channel: int | None, at: tuple[int, int] | None) -> str:
    number = 2 if layer is None else layer  # the first convolution that reads several maps
    try:
        maps = trace.outputs[number]
        if channel is None:
            channel = int(np.argmax(maps if at is None else maps[:, *at])) // (maps[0].size if at is None else 1)
        if at is None:
            i, j = np.unravel_index(int(maps[channel].argmax()), maps.shape[1:])
            at = int(i), int(j)
        return str(trace.value(number, channel, at))
    except IndexError:
        shapes = ", ".join(f"{k}: {shape(y.shape)}" for k, y in enumerate(trace.outputs))
        where = f"--layer {number} --map {channel} --at {at}".replace(" --map None", "").replace(" --at None", "")
        raise UserError(f"there is no value at {where}; the layers have maps x rows x columns {shapes}") from None


def _write(save: Callable[[str], None], path: str) -> None:
    try:
        save(path)
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror or error}") from None
    except (ImportError, ValueError) as error:
        raise UserError(str(error)) from None
