"""Filters of images, volumes and signals by convx, OpenCV, SciPy and NumPy, one line for each case.

Needs the extra ``bench``. A time is that of the fastest call; the systems take turns.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import convx
import cv2
import numpy as np
from convx._cli.table import Table, milliseconds
from convx._timing import least_times
from harness.image_cases import FAMILIES, ImageCase, image_cases
from harness.image_plot import ImageResult, draw_images
from harness.machine import processor
from harness.results import geometric_mean

SYSTEMS = ("convx", "opencv", "scipy", "fftconvolve", "oaconvolve", "numpy")
HOPELESS = 20.0  # times the fastest call: one is enough


def measured(case: ImageCase, seconds: float) -> ImageResult:
    results, first = {}, {}
    for name, call in case.calls.items():
        start = perf_counter()
        results[name] = call()
        first[name] = perf_counter() - start
    error = _error(case, results)
    results.clear()
    limit = max(HOPELESS * min(first.values()), 0.05)
    times = least_times({name: call for name, call in case.calls.items() if first[name] <= limit}, seconds)
    return ImageResult(case.family, case.name, first | times, error)


def _error(case: ImageCase, results: dict[str, np.ndarray]) -> float:
    """Return how far convx is from SciPy, or else from another peer, inside of the margin."""
    other = next(name for name in ("scipy", "oaconvolve", "opencv") if name in results)
    inside = tuple(
        slice(case.margin, -case.margin or None) if size > 2 * case.margin else slice(None)
        for size in results["convx"].shape
    )
    found, expected = (results[name][inside].astype(np.float64) for name in ("convx", other))
    return float(np.abs(found - expected).max() / max(np.abs(expected).max(), 1e-30))


def lines(results: Iterator[ImageResult], table: Table) -> Iterator[ImageResult]:
    for result in results:
        times = (milliseconds(result.seconds[name]) if name in result.seconds else "-" for name in SYSTEMS)
        print(
            table.row(result.family, result.name, *times, f"{result.ratio:.2f}", result.fastest, f"{result.error:.0e}"),
            flush=True,
        )
        yield result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--families", nargs="+", choices=FAMILIES, help="which cases (default: all)")
    parser.add_argument("--threads", type=int, default=1, help="of convx and of OpenCV; SciPy and NumPy have one")
    parser.add_argument("--seconds", type=float, default=0.1, help="to spend on each call (default: 0.1)")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the ratios into this file")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the seconds in this file")
    args = parser.parse_args()
    convx.set_num_threads(args.threads)
    cv2.setNumThreads(args.threads)
    title = f"{processor()}, {convx._core.get_isa()}, threads: {args.threads}; OpenCV {cv2.__version__}"
    print(f"{title}\nmilliseconds of the fastest call; ratio: fastest peer / convx\n")
    columns = [(name, f">{max(8, len(name))}") for name in SYSTEMS]
    table = Table(("family", "<18"), ("case", "<28"), *columns, ("ratio", ">6"), ("fastest", "<11"), ("error", ">6"))
    print(table.head())
    results = list(lines((measured(case, args.seconds) for case in image_cases(args.families)), table))
    worst = min(results, key=lambda result: result.ratio)
    scipy = [ratio for result in results if (ratio := result.to_scipy) is not None]
    print(
        f"\n{len(results)} cases: {geometric_mean([result.ratio for result in results]):.2f} times the fastest peer in "
        f"the geometric mean, {geometric_mean(scipy):.1f} times scipy.ndimage; worst {worst.ratio:.2f} at "
        f"{worst.family}, {worst.name} ({worst.fastest})"
    )
    if args.plot:
        draw_images(results, f"convx against the fastest peer of each case\n{title}", args.plot)
    if args.json:
        args.json.write_text(json.dumps([result._asdict() for result in results], indent=1))


if __name__ == "__main__":
    main()
