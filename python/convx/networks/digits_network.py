"""A small trained network that reads handwritten digits, with ten images to try it on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convx.plans import Conv2d
from convx.pooling.max import max_pool2d

__all__ = ["Digits", "digits"]


@dataclass(frozen=True, eq=False, repr=False)
class Digits:
    """A trained network, and images that it has not been trained on.

    Attributes
    ----------
    layers : list of callable
        What runs, each layer fed with the result of the one before it: plans, and pooling with its window given.
    images : ndarray of float32, shape (10, 1, 8, 8)
        One image of each digit, from 0 (paper) to 1 (ink).
    labels : ndarray of int64, shape (10,)
        Which digit each image shows.
    classes : tuple of str
        What each of the network's ten results stands for.
    """

    layers: list[Callable[..., Any]]
    images: NDArray[np.float32]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]


def digits() -> Digits:
    """Return a network of 3818 parameters that reads images of 8 x 8 pixels, and ten such images.

    ``conv 3x3, 1 -> 8, ReLU; max pooling 2x2; conv 3x3, 8 -> 16, ReLU; conv 4x4, 16 -> 10``. The result is one score
    for each class, of shape (N, 10, 1, 1); the largest names the class, and softmax makes probabilities of them.

    Returns
    -------
    Digits
        `layers`, `images`, `labels` and `classes`; new arrays at each call.

    Notes
    -----
    Trained by ``examples/plot_digits.py`` on 1347 of the 1797 images of ``sklearn.datasets.load_digits``. Of the
    other 450, the first of each digit is in `images`; it reads 446 of them right (99.1 %). All are digits of the same
    writers: on the hand of another it may do worse.

    References
    ----------
    E. Alpaydin and C. Kaynak, "Optical recognition of handwritten digits", UCI Machine Learning Repository, 1998,
    doi:10.24432/C50P49 (CC BY 4.0).

    Examples
    --------
    >>> import convx
    >>> network = convx.networks.digits()
    >>> maps = network.images
    >>> for layer in network.layers:
    ...     maps = layer(maps)
    >>> maps.shape
    (10, 10, 1, 1)
    >>> " ".join(network.classes[index] for index in maps[:, :, 0, 0].argmax(axis=1))
    '0 1 2 3 4 5 6 7 8 9'
    """
    with np.load(Path(__file__).with_name("digits.npz")) as file:
        layers: list[Callable[..., Any]] = [
            Conv2d(file["weight1"], file["bias1"], padding=1, activation="relu"),
            partial(max_pool2d, kernel_size=2),
            Conv2d(file["weight2"], file["bias2"], padding=1, activation="relu"),
            Conv2d(file["weight3"], file["bias3"]),
        ]
        images = np.divide(file["images"], 16, dtype=np.float32)
        labels = file["labels"].astype(np.int64)
    return Digits(layers, images, labels, classes=tuple("0123456789"))
