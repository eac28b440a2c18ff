"""What scientists filter: images, stacks, volumes, banks, pyramids and signals, as each system is asked for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import convx
import convx.ndimage as ndi
import cv2
import numpy as np
import scipy.ndimage
import scipy.signal
from numpy.typing import NDArray

__all__ = ["FAMILIES", "ImageCase", "image_cases"]

Array = NDArray[Any]


class ImageCase(NamedTuple):
    """One filter, and how each system computes it.

    Attributes
    ----------
    family, name : str
        What it belongs to, and what it is.
    calls : dict
        Calls by system, 'convx' among them.
    margin : int
        Elements at each border that are not compared, since systems see other values beyond it.
    """

    family: str
    name: str
    calls: dict[str, Callable[[], Array]]
    margin: int = 0


RANDOM = np.random.default_rng(0)
REFLECT = cv2.BORDER_REFLECT


def _pixels(*shape: int) -> Array:
    return RANDOM.random(shape, dtype=np.float32)


def _bytes(*shape: int) -> Array:
    return RANDOM.integers(0, 256, shape, np.uint8)


def _kernels() -> Iterator[ImageCase]:
    image = _pixels(2048, 2048)
    for size in (3, 5, 7, 9, 15, 31, 63):
        kernel = _pixels(size, size) / size**2
        turned = kernel[::-1, ::-1]
        calls: dict[str, Callable[[], Array]] = {
            "convx": partial(ndi.correlate, image, kernel),
            "opencv": partial(cv2.filter2D, image, -1, kernel, borderType=REFLECT),
            "fftconvolve": partial(scipy.signal.fftconvolve, image, turned, "same"),
            "oaconvolve": partial(scipy.signal.oaconvolve, image, turned, "same"),
        }
        if size <= 15:
            calls["scipy"] = partial(scipy.ndimage.correlate, image, kernel)
        yield ImageCase("full kernels", f"{size}x{size}", calls, size)


def _named(name: str, image: Array, *arguments: Any, **keywords: Any) -> dict[str, Callable[[], Array]]:
    """Return the calls of a filter that convx and SciPy have by one name."""
    return {
        system: partial(getattr(module, name), image, *arguments, **keywords)
        for system, module in (("convx", ndi), ("scipy", scipy.ndimage))
    }


def _gaussian(image: Array, size: int, **keywords: Any) -> dict[str, Callable[[], Array]]:
    calls = _named("gaussian_filter", image, size / 6, radius=size // 2, **keywords)
    return calls | {"opencv": partial(cv2.GaussianBlur, image, (size, size), size / 6, borderType=REFLECT)}


def _box(image: Array, size: int) -> dict[str, Callable[[], Array]]:
    calls = _named("uniform_filter", image, size)
    return calls | {"opencv": partial(cv2.blur, image, (size, size), borderType=REFLECT)}


def _smooth() -> Iterator[ImageCase]:
    image = _pixels(2048, 2048)
    for size in (3, 7, 15, 31, 63):
        yield ImageCase("Gaussians", f"{size} taps", _gaussian(image, size))
    for size in (3, 9, 31, 63):
        yield ImageCase("boxes", f"{size}x{size}", _box(image, size))


def _extremes() -> Iterator[ImageCase]:
    for image, label in ((_pixels(2048, 2048), ""), (_bytes(2048, 2048), " uint8")):
        for size in (3, 9, 31, 63):
            calls = _named("maximum_filter", image, size)
            calls["opencv"] = partial(cv2.dilate, image, np.ones((size, size), np.uint8))
            yield ImageCase("maxima", f"{size}x{size}{label}", calls)


def _edges() -> Iterator[ImageCase]:
    image = _pixels(2048, 2048)
    sobel = partial(cv2.Sobel, image, -1, 1, 0, borderType=REFLECT)
    yield ImageCase("edges", "Sobel", _named("sobel", image) | {"opencv": sobel})
    laplacian = partial(cv2.Laplacian, image, -1, borderType=REFLECT)
    yield ImageCase("edges", "Laplace", _named("laplace", image) | {"opencv": laplacian})
    blurred = partial(
        cv2.GaussianBlur, image, (13, 13), 1.5, borderType=REFLECT
    )  # what OpenCV differentiates is blurred

    def gradient() -> Array:
        smooth = blurred()
        return cv2.magnitude(*(cv2.Sobel(smooth, -1, *order, borderType=REFLECT) for order in ((1, 0), (0, 1))))

    calls = _named("gaussian_laplace", image, 1.5)
    calls["opencv"] = lambda: cv2.Laplacian(blurred(), -1, borderType=REFLECT)
    yield ImageCase("edges", "Gaussian Laplacian 1.5", calls)
    calls = _named("gaussian_gradient_magnitude", image, 1.5) | {"opencv": gradient}
    yield ImageCase("edges", "Gaussian gradient 1.5", calls)


def _integers() -> Iterator[ImageCase]:
    image = _bytes(2048, 2048)
    kernel = np.array([[0, 1, 2], [-1, 4, -1], [2, 1, 0]], np.float32)
    filter2d = partial(cv2.filter2D, image, cv2.CV_32F, kernel, borderType=REFLECT)
    yield ImageCase("uint8", "3x3 to float32", _named("correlate", image, kernel, np.float32) | {"opencv": filter2d})
    for size in (3, 7, 15, 31):
        kernel = _pixels(size, size) / size**2
        calls = _named("correlate", image, kernel)
        calls["opencv"] = partial(cv2.filter2D, image, -1, kernel, borderType=REFLECT)
        if size > 15:  # takes seconds
            del calls["scipy"]
        yield ImageCase("uint8", f"{size}x{size}", calls)
    for size in (3, 7, 15):
        yield ImageCase("uint8", f"Gaussian {size}", _gaussian(image, size))
    yield ImageCase("uint8", "box 9", _box(image, 9))


def _colours() -> Iterator[ImageCase]:
    for channels, label in ((3, "RGB"), (4, "RGBA")):
        for image in (_pixels(1024, 1024, channels), _bytes(1024, 1024, channels)):
            yield ImageCase("colours in HWC", f"{label} {image.dtype} Gaussian 5", _gaussian(image, 5, axes=(0, 1)))


def _volumes() -> Iterator[ImageCase]:
    stack = _pixels(100, 512, 512)
    calls = _named("gaussian_filter", stack, 7 / 6, radius=3, axes=(1, 2))
    one = partial(cv2.GaussianBlur, ksize=(7, 7), sigmaX=7 / 6, borderType=REFLECT)
    calls["opencv"] = lambda: np.stack([one(image) for image in stack])
    yield ImageCase("stacks and volumes", "100 x 512x512, Gaussian 7", calls)
    volume = _pixels(128, 192, 192)
    for name, arguments in (
        ("gaussian_filter", (1.5,)),
        ("uniform_filter", (5,)),
        ("maximum_filter", (5,)),
        ("sobel", ()),
        ("laplace", ()),
        ("correlate", (_pixels(5, 5, 5),)),
    ):
        yield ImageCase("stacks and volumes", f"128x192x192, {name}", _named(name, volume, *arguments))


def _banks() -> Iterator[ImageCase]:
    image, bank = _pixels(1024, 1024), _pixels(16, 1, 11, 11) / 121
    yield ImageCase(
        "banks and pyramids",
        "16 filters 11x11",
        {
            "convx": lambda: convx.conv2d(image[None], bank, padding=5, padding_mode="symmetric"),
            "opencv": lambda: np.stack([cv2.filter2D(image, -1, kernel[0], borderType=REFLECT) for kernel in bank]),
            "oaconvolve": lambda: np.stack(
                [scipy.signal.oaconvolve(image, kernel[0, ::-1, ::-1], "same") for kernel in bank]
            ),
        },
        12,
    )
    line = np.array([1, 4, 6, 4, 1], np.float32) / 16
    binomial = np.outer(line, line)[None, None]
    yield ImageCase(
        "banks and pyramids",
        "half size, 5x5",
        {
            "convx": lambda: convx.conv2d(image[None], binomial, stride=2, padding=2, padding_mode="reflect")[0],
            "opencv": lambda: cv2.pyrDown(image),
            "scipy": lambda: scipy.ndimage.convolve(image, binomial[0, 0], mode="mirror")[::2, ::2],
        },
    )


def _signals() -> Iterator[ImageCase]:
    signal = _pixels(4_000_000)
    for taps in (11, 101, 1001, 10001):
        kernel = _pixels(taps) / taps
        calls: dict[str, Callable[[], Array]] = {
            "convx": partial(ndi.convolve1d, signal, kernel),
            "fftconvolve": partial(scipy.signal.fftconvolve, signal, kernel, "same"),
            "oaconvolve": partial(scipy.signal.oaconvolve, signal, kernel, "same"),
        }
        if taps <= 1001:
            calls["numpy"] = partial(np.convolve, signal, kernel, "same")
        if taps <= 101:
            calls["scipy"] = partial(scipy.ndimage.convolve1d, signal, kernel)
        yield ImageCase("signals", f"4 million, {taps} taps", calls, taps)


FAMILIES: dict[str, Callable[[], Iterator[ImageCase]]] = {
    "kernels": _kernels,
    "smooth": _smooth,
    "maxima": _extremes,
    "edges": _edges,
    "uint8": _integers,
    "colours": _colours,
    "volumes": _volumes,
    "banks": _banks,
    "signals": _signals,
}


def image_cases(families: list[str] | None = None) -> Iterator[ImageCase]:
    """Yield the cases, of some families or of all."""
    for family in families or FAMILIES:
        yield from FAMILIES[family]()
