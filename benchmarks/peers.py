"""Compare convx with PyTorch, ONNX Runtime, OpenVINO, ncnn and MNN, NumPy in and NumPy out.

The layers of well-known networks, and layers drawn at random.
"""

from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path

from harness import selection
from harness.isa import CHOICES
from harness.report import LayerTable, notes, summary, title
from harness.results import Run, load
from harness.session import measure
from harness.systems import DEFAULT, SYSTEMS
from harness.workers import HarnessError


def main() -> int:
    """Run the command."""
    options = _options()
    try:
        run = _replay(options.replay) if options.replay else measure(options)
        if not run.layers:
            return 130
        if any(layer.fastest for layer in run.layers):
            print("", *summary(run.layers), sep="\n")
        print("", *notes(run), sep="\n")
        if options.plot:
            from harness.bars import draw

            for path in draw(run, options.plot):
                print(f"drawn into {path}")
        run.check()
    except HarnessError as error:
        print(f"peers: FAILED: {error}", file=sys.stderr)
        return 1
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    selection.add_layer_options(parser)
    parser.add_argument("--rounds", type=selection.positive, default=5, help="turns of each system (default: 5)")
    parser.add_argument("--seconds", type=selection.seconds, default=0.1, help="length of a turn (default: 0.1)")
    names = ", ".join(SYSTEMS)
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=list(DEFAULT), metavar="SYSTEM", help=names)
    parser.add_argument("--isa", default="", choices=CHOICES, help="hold all to it that have a switch for it")
    parser.add_argument("--keep-memory", action="store_true", help="no system gives memory back between its calls")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the numbers, written after every layer")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the ratios; of several networks, FILE-NET each")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="measure nothing, show what --json kept")
    options = parser.parse_args()
    # Better known now than after the measurement.
    for name in ("json", "plot"):
        path = getattr(options, name)
        if path and not path.resolve().parent.is_dir():
            parser.error(f"--{name}: {path.parent} is not a directory")
    if options.plot and find_spec("matplotlib") is None:
        parser.error("--plot needs matplotlib")
    if options.replay and not options.replay.is_file():
        parser.error(f"--replay: {options.replay} is not a file")
    return options


def _replay(path: Path) -> Run:
    run = load(path)
    print(title(run))
    for net in run.nets:
        layers = run.of(net)
        table = LayerTable(list(run.versions), layers)
        print("", net, table.head(), *map(table.row, layers), table.total(layers), sep="\n")
    return run


if __name__ == "__main__":
    sys.exit(main())
