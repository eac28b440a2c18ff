"""``convx run``: a model of ONNX on an array or a picture."""

from __future__ import annotations

import argparse
import json
from time import perf_counter
from typing import Any

import numpy as np

import convx
from convx._cli.arguments import thread_limit
from convx._cli.errors import UserError
from convx._cli.figure import check_target
from convx._cli.model_input import inputs_of
from convx._cli.table import Table, milliseconds, shape

__all__ = ["run_model"]


def run_model(args: argparse.Namespace) -> None:
    """Run a model and print its outputs, its times if asked for.

    Parameters
    ----------
    args : argparse.Namespace
        Of the command line: `model`, `input`, `image`, `top`, `profile`, `save`, `threads` and `json`.
    """
    if args.save is not None:
        check_target(args.save)
    with thread_limit(args.threads):
        begin = perf_counter()
        session = _asked("MODEL", lambda: convx.onnx.InferenceSession(args.model))
        loaded = perf_counter() - begin
        feed = inputs_of(session, args.input, args.image)
        outputs = _asked("the inputs", lambda: session.run(None, feed))
        report = session.explain(feed) if args.profile or args.save or args.json else None
        names = [value.name for value in session.get_outputs()]
        if args.json:
            facts = {name: _facts(output, args.top) for name, output in zip(names, outputs, strict=True)}
            times = report.to_dict() if report else {}
            print(json.dumps({"load_seconds": loaded, "outputs": facts, "profile": times}, indent=2))
        else:
            print(f"ready after {milliseconds(loaded)} ms, threads: {convx.get_num_threads()}")
            for name, output in zip(names, outputs, strict=True):
                _print_output(name, output, args.top)
            if args.profile:
                print(f"\n{report}")
        if args.save is not None:
            from convx._cli.run_plot import plot_profile

            plot_profile(args.save, report)
            if not args.json:
                print(f"times drawn into {args.save}")


def _asked(what: str, act: Any) -> Any:
    """Return what `act` returns; what cannot be done is the user's error, in a line."""
    try:
        return act()
    except (ImportError, OSError, TypeError, ValueError) as error:
        raise UserError(f"{what}: {' '.join(str(error).split())}") from None


def _top(output: Any, count: int) -> list[tuple[int, float]]:
    """Return the largest of one image's scores and their places; nothing if the output is no row of numbers."""
    array = np.asarray(output)
    if array.dtype.kind not in "fiu" or array.size < 2 or array.size != max(array.shape):
        return []
    row = array.reshape(-1)
    places = np.argsort(-row.astype(np.float64), kind="stable")[:count]
    return [(int(place), float(row[place])) for place in places]


def _facts(output: Any, count: int) -> dict[str, Any]:
    array = np.asarray(output)
    top = [{"index": index, "value": value} for index, value in _top(output, count)]
    return {"shape": array.shape, "dtype": str(array.dtype), "top": top}


def _print_output(name: str, output: Any, count: int) -> None:
    array = np.asarray(output)
    print(f"\noutput {name}: {shape(array.shape) or 'a number'}, {array.dtype}")
    top = _top(output, count)
    if top:
        table = Table(("index", ">7"), ("value", ">12"))
        print(table.head())
        for index, value in top:
            print(table.row(str(index), f"{value:.6g}"))
    elif array.dtype.kind in "fiu" and array.size:
        print(f"least {array.min():.6g}, largest {array.max():.6g}, mean {array.mean(dtype=np.float64):.6g}")
