"""The command line: what it prints, what it returns, and that the user's mistakes never give a traceback."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import convx
import pytest
from convx import _core
from convx._cli import bench
from convx.cli import main

Capture = pytest.CaptureFixture[str]


def fails(capsys: Capture, *argv: str) -> str:
    """Run a command that must exit with 2, print nothing but one message, and return the message."""
    try:
        code = main(argv)
    except SystemExit as exit_:
        code = exit_.code
    captured = capsys.readouterr()
    assert code == 2
    assert captured.out == ""
    assert "Traceback" not in captured.err
    return captured.err


def fails_in_a_line(capsys: Capture, *argv: str) -> str:
    """Run a command that must end as `fails` wants it, with a message of one line that names the command."""
    message = fails(capsys, *argv)
    assert message.startswith(f"convx {argv[0]}: error: ")
    assert message.count("\n") == 1
    return message


def test_script_is_installed() -> None:
    (script,) = entry_points(group="console_scripts", name="convx")
    assert script.load() is main


def test_runs_as_module() -> None:
    done = subprocess.run([sys.executable, "-m", "convx", "--version"], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == f"convx {convx.__version__}"


def test_info(capsys: Capture) -> None:
    assert main(["info"]) == 0
    lines = dict(line.split("  ", 1) for line in capsys.readouterr().out.splitlines())
    assert lines["convx"].strip() == convx.__version__
    assert lines["instruction set"].strip().startswith(f"{_core.get_isa()} (available: {', '.join(_core.isas())})")
    assert lines["threads"].strip() == str(convx.get_num_threads())
    assert {"OpenMP", "compiler", "build type"} <= set(lines)
    assert {f"flags, {isa}" for isa in _core.isas()} <= set(lines)


def test_info_without_openmp(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = _core.info()
    monkeypatch.setattr(_core, "info", lambda: {**facts, "openmp": ""})
    assert main(["info"]) == 0
    assert "built without OpenMP: serial" in capsys.readouterr().out


def test_info_json(capsys: Capture) -> None:
    assert main(["info", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["version"] == convx.__version__
    assert facts["isas"] == list(_core.isas())
    assert facts["algorithms"] == list(_core.algorithms())


def test_bench(capsys: Capture) -> None:
    before = convx.get_num_threads()
    argv = ["bench", "--layers", "googlenet-3a-5x5", "mobilenet-depthwise", "--seconds", "0.001", "--threads", "1"]
    assert main(argv) == 0
    out = capsys.readouterr().out
    assert "threads: 1" in out
    rows = [line.split() for line in out.splitlines() if line.startswith(("googlenet-", "mobilenet-"))]
    fast = [name for name in _core.algorithms() if name != "reference"]
    layers = [bench.NAMED_CONVOLUTIONS[name] for name in (argv[2], argv[3])]
    assert [row[:2] for row in rows] == [
        [layer.name, algorithm]
        for layer in layers
        for algorithm in fast
        if _core.supports(algorithm, layer.weight_shape, layer.stride, 1, layer.groups)
    ]
    for row in rows:
        best, median, speed = map(float, row[2:5])
        assert 0 < best <= median
        assert speed > 0
        assert row[5].endswith("%")
    assert max(map(len, out.splitlines())) <= 100
    assert convx.get_num_threads() == before


def test_bench_named_algorithm(capsys: Capture) -> None:
    assert main(["bench", "--layers", "mobilenet-depthwise", "--algorithms", "reference", "--seconds", "0.001"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("mobilenet-")]
    assert [row[1] for row in rows] == ["reference"]


def test_bench_list(capsys: Capture) -> None:
    assert main(["bench", "--list"]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in (*bench.NAMED_CONVOLUTIONS, *_core.algorithms()))
    assert max(map(len, out.splitlines())) <= 100


def test_bench_json(capsys: Capture) -> None:
    argv = [
        "bench",
        "--layers",
        "mobilenet-depthwise",
        "--algorithms",
        "auto",
        "direct",
        "--seconds",
        "0.001",
        "--json",
    ]
    assert main(argv) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["threads"] == convx.get_num_threads()
    assert facts["isa"] == _core.get_isa()
    assert facts["peak_gflops"] > 0
    layer = bench.NAMED_CONVOLUTIONS["mobilenet-depthwise"]
    assert [result["algorithm"] for result in facts["results"]] == ["auto", "direct"]
    for result in facts["results"]:
        assert result["macs"] == layer.macs
        assert 0 < result["best_seconds"] <= result["median_seconds"]
        assert result["gflops"] == pytest.approx(2 * layer.macs / result["best_seconds"] / 1e9)


def test_bench_plot(capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A bar as long as each measured speed, and the peak."""
    figures = pytest.importorskip("matplotlib.figure")
    drawn = []
    save = figures.Figure.savefig
    monkeypatch.setattr(figures.Figure, "savefig", lambda self, path: (drawn.append(self), save(self, path)))
    path = tmp_path / "speeds.svg"
    argv = ["bench", "--layers", "mobilenet-depthwise", "googlenet-3a-5x5", "--seconds", "0.001", "--json"]
    assert main([*argv, "--plot", str(path)]) == 0
    facts = json.loads(capsys.readouterr().out)
    (axes,) = drawn[0].axes
    bars = sorted(axes.patches, key=lambda bar: bar.get_y())
    assert [bar.get_width() for bar in bars] == [result["gflops"] for result in facts["results"]]
    assert [text.get_text() for text in axes.get_yticklabels()] == argv[2:4]
    assert list(axes.lines[0].get_xdata()) == [facts["peak_gflops"]] * 2
    assert path.read_text().startswith("<?xml")


@pytest.mark.parametrize("name", ["missing/speeds.png", "speeds.xyz"])
def test_bench_plot_that_cannot_be_written(capsys: Capture, tmp_path: Path, name: str) -> None:
    pytest.importorskip("matplotlib")
    assert "cannot write" in fails(capsys, "bench", "--plot", str(tmp_path / name))


def test_bench_unknown_names(capsys: Capture) -> None:
    assert "unknown layer 'vgg-9'; choose from alexnet-1, " in fails(capsys, "bench", "--layers", "vgg-9")
    assert "unknown algorithm 'magic'; choose from auto, " in fails(capsys, "bench", "--algorithms", "magic")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        pytest.param([], "required: COMMAND", id="no command"),
        pytest.param(["dance"], "invalid choice: 'dance'", id="unknown command"),
        pytest.param(["bench", "--threads", "0"], "must be an integer >= 1, got '0'", id="no threads"),
        pytest.param(["bench", "--threads", "two"], "must be an integer >= 1, got 'two'", id="threads in words"),
        pytest.param(["bench", "--threads", "1000000000"], "--threads: set_num_threads: n must be", id="many threads"),
        pytest.param(["demo", "--net", "alexnet", "--batch", "1000000000"], "not enough memory", id="huge batch"),
        pytest.param(["bench", "--seconds", "-1"], "must be a number > 0, got '-1'", id="negative time"),
        pytest.param(["bench", "--seconds", "nan"], "must be a number > 0, got 'nan'", id="nan time"),
        pytest.param(["bench", "--seconds", "inf"], "must be a number > 0, got 'inf'", id="endless time"),
        pytest.param(["demo", "--size", "15"], "--size must be from 16 to 2048, got 15", id="small picture"),
        pytest.param(["demo", "--size", "100000"], "--size must be from 16 to 2048, got 100000", id="big picture"),
        pytest.param(["demo", "--batch", "2"], "--batch needs --net", id="batch without net"),
        pytest.param(["demo", "--net", "lenet"], "invalid choice: 'lenet'", id="unknown net"),
        pytest.param(["demo", "--net", "alexnet", "--save", "x.png"], "do not go with --net", id="save with net"),
        pytest.param(["demo", "--net", "alexnet", "--size", "64"], "do not go with --net", id="size with net"),
        pytest.param(
            ["demo", "--net", "alexnet", "--filters", "2", "3"], "do not go with --net", id="filters with net"
        ),
        pytest.param(["demo", "--filters", "100", "11"], "K1 * K2 must be at most 1024", id="many filters"),
        pytest.param(["demo", "--filters", "3"], "expected 2 arguments", id="one number of filters"),
        pytest.param(["demo", "--kernel", "0"], "must be an integer >= 1, got '0'", id="no kernel"),
        pytest.param(["demo", "--size", "40", "--kernel", "20"], "--kernel must be at most 19", id="wide kernel"),
        pytest.param(["demo", "no-such.png"], "no such picture file: no-such.png", id="no picture"),
        pytest.param(
            ["demo", "no-such.png", "--net", "alexnet"], "no such picture file: no-such.png", id="no picture, net"
        ),
    ],
)
def test_bad_arguments(capsys: Capture, argv: list[str], message: str) -> None:
    assert message in fails(capsys, *argv)


@pytest.mark.parametrize(
    ("module", "package", "argv"),
    [
        ("PIL", "Pillow", lambda path: ["demo", str(path)]),
        ("matplotlib", "matplotlib", lambda path: ["demo", "--save", str(path)]),
        ("matplotlib", "matplotlib", lambda path: ["bench", "--plot", str(path)]),
    ],
)
def test_optional_package_missing(
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    module: str,
    package: str,
    argv: Callable[[Path], list[str]],
) -> None:
    path = tmp_path / "picture.png"
    path.touch()
    for name in (module, f"{module}.figure"):  # which may have been imported before
        monkeypatch.setitem(sys.modules, name, None)
    assert fails(capsys, *argv(path)).endswith(f"{package} is needed: pip install {package}\n")


def test_wrong_result_exits_with_1(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convx._cli.step.SECONDS", 0.0)
    right = convx.reference.max_pool2d
    monkeypatch.setattr(convx.reference, "max_pool2d", lambda *args: right(*args) + 1)
    assert main(["demo", "--size", "16"]) == 1
    assert "FAILED: max 2x2: 1.00e+00 from the reference" in capsys.readouterr().err


def test_interrupt_exits_with_130(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("convx._cli.info.print_info", interrupt)
    assert main(["info"]) == 130
    assert "interrupted" in capsys.readouterr().err


def test_closed_pipe_is_silent() -> None:
    # The reader is gone before the first line is written.
    code = "import sys; sys.stdin.read(); from convx.cli import main; sys.exit(main(['info']))"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert isinstance(process.stderr, io.BufferedReader)
        process.stdout.close()
        process.stdin.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0
