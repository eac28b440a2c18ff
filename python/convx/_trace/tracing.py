"""The public face: run a network, and keep what every layer computed."""

from __future__ import annotations

import html
from collections.abc import Sequence
from operator import index
from os import PathLike
from pathlib import Path
from typing import Any, SupportsIndex

from numpy.typing import ArrayLike

from convx._trace.run import run_network
from convx._trace.value import Value, value_of
from convx._types import NumberArray

__all__ = ["Trace", "trace"]


class Trace:
    """What a network computed of one image: every map of every layer, and what each value was made of.

    Made by :func:`trace`.
    """

    def __init__(self, layers: Sequence[Any], image: ArrayLike, classes: Sequence[str] | None, title: str) -> None:
        maps, self._steps = run_network(layers, image)
        self._image: NumberArray = maps[0][0]
        self._outputs: list[NumberArray] = [y[0] for y in maps[1:]]
        self._classes = _checked_classes(classes, self._steps[-1].output)
        self._title = title

    @property
    def image(self) -> NumberArray:
        """The image as it went in, of shape ``(C, H, W)``; ``(C, W)`` for layers of one spatial axis."""
        return self._image

    @property
    def outputs(self) -> list[NumberArray]:
        """What each layer computed, without N; ``(Cout, Hout, Wout)`` for layers of two spatial axes."""
        return list(self._outputs)

    @property
    def scores(self) -> NumberArray | None:
        """The numbers of the last layer, if each of its maps is a single one; else None."""
        last = self._steps[-1].output
        return self._outputs[-1].reshape(-1) if last.shape[1:] == (1, 1) else None

    @property
    def prediction(self) -> str | None:
        """The class of the largest score, by its name or its number; None where the last layer holds no scores."""
        if self.scores is None:
            return None
        best = int(self.scores.argmax())
        return str(best) if self._classes is None else self._classes[best]

    def value(self, layer: SupportsIndex, channel: SupportsIndex, position: Any) -> Value:
        """Return what one value of a map was made of.

        Parameters
        ----------
        layer : int
            Which layer, from 0; negative from the last.
        channel : int
            Which of its maps.
        position : tuple of int, or int
            Row and column in that map; for layers of one spatial axis the place along it.

        Returns
        -------
        Value
            Its window in each input map, weights, products, shares, bias, sum and activation; printed, a text.

        Raises
        ------
        IndexError
            If there is no such layer, map or position.

        Examples
        --------
        >>> import numpy as np
        >>> import convx
        >>> plan = convx.Conv1d(np.array([[[1.0, 2.0], [0.5, -1.0]]]), activation="relu")
        >>> trace = convx.trace([plan], np.array([[1.0, 2.0, 3.0], [4.0, 2.0, 0.0]]))
        >>> trace.value(0, 0, 1).shares
        array([8., 1.])
        >>> print(trace.value(0, 0, 1))
        layer 0, Conv1d: map 0, row 0, column 1   (all counted from 0)
        window           rows 0, columns 1 to 2 of maps 0 to 1 of the image
        <BLANKLINE>
          map 0    x weight    = products
          2  3     1  2        2  6
        share of map 0                 8
        <BLANKLINE>
          map 1    x weight    = products
          2  0     0.5   -1    1  0
        share of map 1                 1
        <BLANKLINE>
        sum of the shares              9   over 2 maps
        bias                           0   added once
        sum + bias                     9
        relu                           9   applied once, to the whole sum
        convx computed                 9   the same
        """
        number = _place("layer", layer, len(self._steps))
        channels, *sizes = self._steps[number].output.shape
        where = [position] if hasattr(position, "__index__") else list(position)
        if len(where) == 1 and sizes[0] == 1:
            where = [0, *where]
        if len(where) != 2:
            raise IndexError(f"value: position must be (row, column), got {position!r}")
        i, j = (_place(name, at, size) for name, at, size in zip(("row", "column"), where, sizes, strict=True))
        return value_of(self._steps, number, _place("channel", channel, channels), (i, j))

    @property
    def html(self) -> str:
        """The page that :meth:`save_html` writes."""
        from convx._trace.page import page_of

        return page_of(self._title, self._steps, self._classes)

    def save_html(self, path: str | PathLike[str]) -> None:
        """Write one page that shows the network, from the picture to the class, and needs nothing but a browser.

        Parameters
        ----------
        path : path
            The file to write.

        Raises
        ------
        ValueError
            If the network is too large for a page.
        """
        page = self.html
        Path(path).write_text(page, encoding="utf-8")

    def save_xlsx(self, path: str | PathLike[str]) -> None:
        """Write a workbook that computes the network by formulas of its own, for Excel and LibreOffice.

        Parameters
        ----------
        path : path
            The file to write.

        Raises
        ------
        ImportError
            If openpyxl is not installed.
        ValueError
            If the network is too large for a workbook, or a value is not finite.
        """
        from convx._trace.xlsx.book import save_workbook

        save_workbook(path, self._title, self._steps, self._classes)

    def _repr_html_(self) -> str:
        """Show the page in a notebook, in a frame of its own."""
        return (
            f'<iframe title="{html.escape(self._title, quote=True)}" srcdoc="{html.escape(self.html, quote=True)}" '
            'style="width:100%;height:48rem;border:1px solid #8884;border-radius:8px"></iframe>'
        )

    def __repr__(self) -> str:
        shapes = " -> ".join("x".join(map(str, maps.shape)) for maps in [self._image, *self._outputs])
        return f"Trace({shapes}{'' if self.prediction is None else f', prediction={self.prediction!r}'})"


def trace(
    layers: Sequence[Any],
    image: ArrayLike,
    *,
    classes: Sequence[str] | None = None,
    title: str = "A convolutional network, step by step",
) -> Trace:
    """Run a small network on one image and keep every map, to look at how each value came about.

    Parameters
    ----------
    layers : sequence of callable
        The network: plans such as ``convx.Conv2d(weight, bias)``, or functions of convx with all but their input given,
        ``functools.partial(convx.max_pool2d, kernel_size=2)``. Convolutions, transposed convolutions and pools, over
        one or two spatial axes. Each gets what the layer before it returned.
    image : array_like, shape (C, H, W), (1, C, H, W) or (H, W)
        One picture, as the first layer takes it; without C, of one map. For layers of one spatial axis (C, W) or (W,).
    classes : sequence of str, optional
        What the maps of the last layer stand for, if it gives one score for each class.
    title : str
        The heading of page and workbook.

    Returns
    -------
    Trace
        ``outputs``, the arrays of every layer; ``value(layer, channel, position)``, what one value was made of;
        ``save_html(path)`` and ``save_xlsx(path)``. Notebooks show the page.

    Raises
    ------
    TypeError
        If a layer is none of convx's, or the image is not an array of numbers.
    ValueError
        If the layers do not fit the image or each other, have three spatial axes, or if `classes` does not have one
        name for each map of the last layer.

    Notes
    -----
    All numbers are those that convx computes. The page and ``value`` sum the products once more, in float64, and say so
    where the two differ by more than rounding. Softmax, ``exp(s_k) / sum over j of exp(s_j)``, is applied to the last
    layer if each of its maps is a single number, for display only.

    References
    ----------
    Z. J. Wang et al., "CNN Explainer: Learning Convolutional Neural Networks with Interactive Visualization", IEEE
    Transactions on Visualization and Computer Graphics 27(2), 2020, arXiv:2004.15004.

    Examples
    --------
    >>> import convx
    >>> network = convx.networks.digits()
    >>> trace = convx.trace(network.layers, network.images[7], classes=network.classes)
    >>> trace
    Trace(1x8x8 -> 8x8x8 -> 8x4x4 -> 16x4x4 -> 10x1x1, prediction='7')
    >>> trace.value(1, 3, (0, 2)).agrees
    True
    """
    return Trace(layers, image, classes, title)


def _checked_classes(classes: Sequence[str] | None, last: NumberArray) -> tuple[str, ...] | None:
    if classes is None:
        return None
    names = tuple(map(str, classes))
    if last.shape != (len(names), 1, 1):
        raise ValueError(
            f"trace: classes must have one name for each map of the last layer, each a single number; "
            f"got {len(names)} for maps of shape {last.shape}"
        )
    return names


def _place(name: str, place: Any, size: int) -> int:
    number = index(place)
    if not -size <= number < size:
        raise IndexError(f"value: {name} must be in [-{size}, {size}), got {number}")
    return number % size
