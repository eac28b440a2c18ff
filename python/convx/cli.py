"""The command ``convx``: what its arguments are and where each sub-command lives."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from convx import __version__
from convx._cli.arguments import positive_int, positive_seconds
from convx._cli.errors import CheckError, UserError

__all__ = ["main"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="convx",
        description="Convolution and pooling for NumPy arrays: what is installed, what it computes, how fast.",
    )
    parser.add_argument("--version", action="version", version=f"convx {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    info = commands.add_parser("info", help="version, instruction sets, OpenMP, threads, build flags")
    info.add_argument("--json", action="store_true", help="print it as JSON")

    for add in (_add_demo, _add_bench, _add_explain, _add_tune, _add_trace, _add_run):
        add(commands)
    return parser


def _add_demo(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    demo = commands.add_parser(
        "demo",
        help="run a small network, AlexNet, GoogLeNet, MobileNet-V2 or VGG-16 on a picture",
        description="Two convolution layers on a greyscale picture, the second one as Type 1, Type 2.1 and Type 2.2; "
        "or, with --net, every convolution and pooling layer of a well-known network with random weights.",
    )
    demo.add_argument("image", nargs="?", metavar="IMAGE", help="a picture file (default: an embedded picture)")
    demo.add_argument(
        "--size", type=positive_int, metavar="N", help="longer side of the picture in pixels (default: 256)"
    )
    demo.add_argument("--save", metavar="FILE", help="draw the feature maps into this file, such as maps.png")
    demo.add_argument(
        "--filters",
        nargs=2,
        type=positive_int,
        metavar=("K1", "K2"),
        help="filters of the first and of the second layer (default: 8 16)",
    )
    demo.add_argument(
        "--kernel", type=positive_int, metavar="N", help="side of the second layer's filters (default: 5)"
    )
    demo.add_argument(
        "--net",
        choices=("alexnet", "googlenet", "mobilenet_v2", "vgg16"),
        help="run the layers of this network instead",
    )
    demo.add_argument(
        "--batch", type=positive_int, metavar="N", help="with --net: how many copies of the picture (default: 1)"
    )
    demo.add_argument("--threads", type=positive_int, metavar="N", help="number of threads")


def _add_bench(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    bench = commands.add_parser("bench", help="time named convolution layers with each algorithm")
    bench.add_argument("--layers", nargs="+", metavar="NAME", help="which layers (default: all; see --list)")
    bench.add_argument(
        "--algorithms", nargs="+", metavar="NAME", help="which algorithms (default: all but 'reference')"
    )
    bench.add_argument("--threads", type=positive_int, metavar="N", help="number of threads")
    bench.add_argument(
        "--seconds", type=positive_seconds, default=0.5, metavar="S", help="time to spend on each line (default: 0.5)"
    )
    bench.add_argument("--json", action="store_true", help="print it as JSON")
    bench.add_argument("--plot", metavar="FILE", help="draw the speeds into this file, such as speeds.png")
    bench.add_argument("--list", action="store_true", help="list the layers and algorithms, and stop")


def _add_explain(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    explain = commands.add_parser(
        "explain",
        help="what a layer, a network or an ONNX model computes, and what it costs",
        description="Type, output size, parameters, multiplications, memory, receptive field, algorithm and time of a "
        "layer; for a network or an ONNX model, a table of its convolution and pooling layers.",
    )
    explain.add_argument("model", nargs="?", metavar="MODEL", help="a model file, such as model.onnx")
    explain.add_argument("--net", metavar="NAME", help="alexnet, googlenet, mobilenet_v2, resnet50 or vgg16")
    explain.add_argument("--layer", metavar="NAME", help="a convolution by its name (convx bench --list shows them)")
    explain.add_argument("--conv", metavar="SHAPE", help="a convolution by its weight's shape, such as 64x3x7x7")
    explain.add_argument("--input", metavar="SHAPE", help="the input's shape, such as 1x3x224x224")
    for name, what in (("stride", "2 or 2x1"), ("padding", "3, 1x2, same or causal"), ("dilation", "2 or 2x1")):
        explain.add_argument(f"--{name}", metavar="N", help=f"with --conv: {what}")
    explain.add_argument("--groups", metavar="N", help="with --conv: number of groups")
    explain.add_argument("--algorithm", metavar="NAME", help="with --conv: instead of 'auto'")
    explain.add_argument("--threads", type=positive_int, metavar="N", help="number of threads")
    explain.add_argument("--json", action="store_true", help="print it as JSON")


def _add_tune(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    tune = commands.add_parser(
        "tune",
        help="measure which algorithm is the fastest for each layer, and write it to a file",
        description="Measure the convolutions of networks, or layers by name, with each algorithm that plans may take. "
        "What was found is written to a file, which convx.load_wisdom or the variable CONVX_WISDOM loads.",
    )
    what = tune.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--net", nargs="+", metavar="NAME", help="alexnet, googlenet, mobilenet_v2, resnet50 or vgg16, or several"
    )
    what.add_argument("--layers", nargs="+", metavar="NAME", help="which layers (convx bench --list shows them)")
    tune.add_argument("--batch", type=positive_int, default=1, metavar="N", help="how many images (default: 1)")
    tune.add_argument("--threads", type=positive_int, metavar="N", help="number of threads")
    tune.add_argument(
        "--seconds", type=positive_seconds, default=0.5, metavar="S", help="time to spend on each layer (default: 0.5)"
    )
    tune.add_argument("--output", metavar="FILE", help="the file to write, or to add to, such as wisdom.json")


def _add_trace(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    trace = commands.add_parser(
        "trace",
        help="follow a picture through a small network, value by value: as text, as a page, as a workbook",
        description="A trained network reads a handwritten digit. Printed is what one value was made of: its window, "
        "the share of each input map, bias and activation; --html and --xlsx write all of it.",
    )
    trace.add_argument("image", nargs="?", metavar="IMAGE", help="a picture of a digit (default: a sample)")
    trace.add_argument("--digit", type=int, choices=range(10), metavar="N", help="which sample, 0 to 9 (default: 3)")
    trace.add_argument("--html", metavar="FILE", help="write a page with all maps and values, for any browser")
    trace.add_argument("--open", action="store_true", help="with --html: open the page")
    trace.add_argument("--xlsx", metavar="FILE", help="write a workbook that computes the network by formulas")
    trace.add_argument("--layer", type=int, metavar="N", help="layer of the value that is printed, from 0 (default: 2)")
    trace.add_argument("--map", type=int, metavar="N", help="its map, from 0 (default: that of the largest value)")
    trace.add_argument("--at", type=int, nargs=2, metavar=("ROW", "COLUMN"), help="its place in the map, from 0")


def _add_run(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    run = commands.add_parser(
        "run",
        help="run an ONNX model on an array or a picture, and tell where its time goes",
        description="Run an ONNX model. Without --input or --image its inputs are random numbers, of size 1 where the "
        "model leaves sizes open.",
    )
    run.add_argument("model", metavar="MODEL", help="a model file, such as model.onnx")
    what = run.add_mutually_exclusive_group()
    what.add_argument("--input", metavar="FILE", help="an array, such as x.npy, or several by name, such as x.npz")
    what.add_argument(
        "--image", metavar="FILE", help="a picture, cut to the model's size, less ImageNet's mean over its deviation"
    )
    run.add_argument("--top", type=positive_int, default=5, metavar="N", help="how many scores to print (default: 5)")
    run.add_argument("--profile", action="store_true", help="print what was fused, and the time of each step")
    run.add_argument("--save", metavar="FILE", help="draw the time of each step into this file, such as profile.png")
    run.add_argument("--threads", type=positive_int, metavar="N", help="number of threads")
    run.add_argument("--json", action="store_true", help="print it as JSON")


def _run(args: argparse.Namespace) -> None:
    # Imported here so that each command loads only what it needs.
    if args.command == "info":
        from convx._cli.info import print_info

        print_info(as_json=args.json)
    elif args.command == "bench":
        from convx._cli.bench import list_choices, run_bench

        if args.list:
            list_choices()
        else:
            run_bench(
                args.layers,
                args.algorithms,
                threads=args.threads,
                seconds=args.seconds,
                as_json=args.json,
                plot=args.plot,
            )
    elif args.command == "explain":
        from convx._cli.explain import run_explain

        run_explain(args)
    elif args.command == "run":
        from convx._cli.run import run_model

        run_model(args)
    elif args.command == "tune":
        from convx._cli.tune import run_tune

        run_tune(
            args.net,
            args.layers,
            batch=args.batch,
            threads=args.threads,
            seconds=args.seconds,
            output=args.output,
        )
    elif args.command == "trace":
        from convx._cli.trace import run_trace

        run_trace(
            args.image,
            digit=args.digit,
            layer=args.layer,
            channel=args.map,
            at=None if args.at is None else tuple(args.at),
            html=args.html,
            xlsx=args.xlsx,
            show=args.open,
        )
    else:
        _run_demo(args)


def _run_demo(args: argparse.Namespace) -> None:
    if args.net is None:
        from convx._cli.demo import run_demo

        if args.batch is not None:
            raise UserError("--batch needs --net")
        run_demo(
            args.image,
            size=args.size,
            save=args.save,
            threads=args.threads,
            filters=args.filters,
            kernel=args.kernel,
        )
    else:
        from convx._cli.demo_net import run_network

        if args.size is not None or args.save is not None:
            raise UserError("--size and --save do not go with --net: the network sets the size of the picture")
        if args.filters is not None or args.kernel is not None:
            raise UserError("--filters and --kernel do not go with --net, which sets its own")
        run_network(args.net, args.image, batch=args.batch or 1, threads=args.threads)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments; by default those of the process.

    Returns
    -------
    int
        0; 1 if a result was wrong; 2 if the user asked for something impossible; 130 after Ctrl-C.
        Arguments that do not parse raise SystemExit(2), as usual with argparse.
    """
    args = _parser().parse_args(argv)
    try:
        _run(args)
        sys.stdout.flush()
    except UserError as error:
        print(f"convx {args.command}: error: {error}", file=sys.stderr)
        return 2
    except MemoryError as error:
        print(f"convx {args.command}: error: not enough memory: {error}", file=sys.stderr)
        return 2
    except CheckError as error:
        print(f"convx {args.command}: FAILED: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\nconvx {args.command}: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader, such as `head`, has gone: say nothing, and let the interpreter's last flush go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
