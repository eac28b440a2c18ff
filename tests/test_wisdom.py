"""Wisdom in files: what is saved comes back, and what is damaged or foreign is refused as a whole."""

import json
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import convx
import numpy as np
import pytest
from checks import run_python
from convx import _core

Change = Callable[[dict[str, Any]], object]

# All that a fact can hold, away from its default.
FACTS: list[dict[str, Any]] = [
    {
        "isa": _core.isas()[-1],
        "threads": threads,
        "winograd": winograd,
        "dtype": dtype,
        "input_shape": input_shape,
        "weight_shape": weight_shape,
        "stride": (rank,) * rank,
        "padding": ((0, 1),) * rank,
        "dilation": (2,) * rank,
        "groups": groups,
        "padding_mode": mode,
        "data_format": data_format,
        "algorithm": algorithm,
    }
    for threads, winograd, dtype, rank, input_shape, weight_shape, groups, mode, data_format, algorithm in [
        (1, "all", "float32", 1, (2, 4, 50), (4, 2, 3), 2, "zeros", "channels_first", "direct"),
        (2, "all", "float64", 1, (1, 50, 4), (4, 4, 5), 1, "circular", "channels_last", "im2col"),
        (3, "accurate", "float32", 2, (1, 4, 20, 30), (4, 1, 3, 3), 4, "reflect", "channels_first", "depthwise"),
        (64, "off", "float64", 3, (1, 3, 9, 10, 11), (2, 3, 3, 1, 2), 1, "replicate", "channels_first", "narrow"),
        (64, "off", "float64", 3, (5, 9, 10, 11, 2), (2, 2, 3, 1, 2), 1, "symmetric", "channels_last", "narrow"),
    ]
]


@pytest.fixture(autouse=True)
def nothing_is_known() -> Iterator[None]:
    convx.forget_wisdom()
    yield
    convx.forget_wisdom()


def learn(facts: list[dict[str, Any]]) -> None:
    for fact in facts:
        _core.learn("test", **fact, keep=True)


def in_order(facts: list[Any]) -> list[Any]:
    return sorted(facts, key=repr)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A file with all facts, of which nothing is known here."""
    learn(FACTS)
    path = tmp_path / "wisdom.json"
    convx.save_wisdom(path)
    convx.forget_wisdom()
    return path


def test_what_is_saved_comes_back(saved: Path) -> None:
    assert convx.get_wisdom() == []
    assert convx.load_wisdom(saved) == len(FACTS)
    assert in_order(convx.get_wisdom()) == in_order(FACTS)
    text = saved.read_text()
    convx.save_wisdom(saved)
    assert saved.read_text() == text


def test_the_file_is_json_that_says_what_it_is(saved: Path) -> None:
    content, info = json.loads(saved.read_text()), _core.info()
    assert content.pop("facts")[0].keys() == FACTS[0].keys()
    assert content == {
        "format": "convx wisdom",
        "version": 1,
        "convx": convx.__version__,
        "cpu": info["cpu"],
        "caches": list(info["caches"]),
    }
    assert sum('"isa"' in line for line in saved.read_text().splitlines()) == len(FACTS), "a line for each"
    assert info["cpu"].strip() == info["cpu"] != ""


def test_loading_adds_and_the_file_is_right(saved: Path) -> None:
    other = {**FACTS[0], "algorithm": "im2col"}
    more = {**FACTS[0], "input_shape": (2, 4, 51)}
    learn([other, more])
    convx.load_wisdom(saved)
    assert in_order(convx.get_wisdom()) == in_order([*FACTS, more])


@pytest.mark.parametrize("make", [str, Path, os.fsencode, os.fspath])
def test_paths(saved: Path, make: Callable[[Path], Any]) -> None:
    assert convx.load_wisdom(make(saved)) == len(FACTS)
    convx.save_wisdom(make(saved.with_name("other ä.json")))
    assert convx.load_wisdom(saved.with_name("other ä.json")) == len(FACTS)


@pytest.mark.parametrize("path", [3, None, 1.5, ["x"], True])
def test_what_is_no_path(path: Any) -> None:
    for function in (convx.load_wisdom, convx.save_wisdom):
        with pytest.raises(TypeError, match=rf"^{function.__name__}: path must be a str, bytes or os.PathLike, got "):
            function(path)


def test_nothing_is_saved_where_it_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"/no/wisdom\.json'$"):
        convx.save_wisdom(tmp_path / "no" / "wisdom.json")
    with pytest.raises(OSError, match="must name a file"):
        convx.save_wisdom(tmp_path)
    with pytest.raises(OSError, match="must name a file"):
        convx.save_wisdom(os.devnull)
    with pytest.raises(ValueError, match="null"):
        convx.save_wisdom(str(tmp_path / "a\0b"))
    assert list(tmp_path.iterdir()) == []
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


def test_saving_is_all_or_nothing(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = saved.read_text()

    def fails(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(OSError, match="the disk is full"):
        convx.save_wisdom(saved)
    assert saved.read_text() == before
    assert [path.name for path in saved.parent.iterdir()] == [saved.name], "no remains"


def test_a_link_stays_one(saved: Path) -> None:
    link = saved.with_name("link.json")
    link.symlink_to(saved)
    learn(FACTS[:1])
    convx.save_wisdom(link)
    assert link.is_symlink()
    assert convx.load_wisdom(saved) == 1


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        convx.load_wisdom(tmp_path / "none.json")
    with pytest.raises(IsADirectoryError):
        convx.load_wisdom(tmp_path)
    path = tmp_path / "wisdom.json"
    convx.save_wisdom(path)
    path.chmod(0)
    if not os.access(path, os.R_OK):  # root reads it all the same
        with pytest.raises(PermissionError):
            convx.load_wisdom(path)


def put(**changed: Any) -> Change:
    return lambda content: content.update(changed)


def of_fact(**changed: Any) -> Change:
    return lambda content: content["facts"][2].update(changed)


def without(name: str) -> Change:
    return lambda content: content["facts"][2].pop(name)


DAMAGES: dict[str, tuple[Change, str]] = {
    "another format": (put(format="fftw"), "it has no format 'convx wisdom'"),
    "no format": (lambda content: content.pop("format"), "it has no format 'convx wisdom'"),
    "a later format": (put(version=2), "its version is 2, here it is 1"),
    "another convx": (
        put(convx="0.0.1.other"),
        f"its convx is '0.0.1.other', here it is '{convx.__version__}'; tune anew",
    ),
    "another cpu": (put(cpu="Z80"), "its cpu is 'Z80', here it is '"),
    "no cpu": (lambda content: content.pop("cpu"), "its cpu is None"),
    "other caches": (put(caches=[1, 2, 3]), r"its caches is \[1, 2, 3\]"),
    "no facts": (lambda content: content.pop("facts"), "its facts are no list of objects"),
    "facts by name": (put(facts={}), "its facts are no list of objects"),
    "facts of numbers": (put(facts=[1]), "its facts are no list of objects"),
    "unknown algorithm": (of_fact(algorithm="magic"), "fact 3: algorithm must be one of .*, got 'magic'"),
    "auto": (of_fact(algorithm="auto"), "fact 3: algorithm must be one that 'auto' may take, got 'auto'"),
    "reference": (of_fact(algorithm="reference"), "fact 3: algorithm must be one that 'auto' may take"),
    "not for the shape": (of_fact(algorithm="winograd", stride=[3, 3]), "fact 3: algorithm must fit the convolution"),
    "number for a name": (of_fact(algorithm=3), "fact 3: algorithm must be a str, got 3"),
    "null": (of_fact(algorithm=None), "fact 3: algorithm must be a str, got None"),
    "instruction set": (of_fact(isa="mmx"), "fact 3: isa must be one that this CPU has, .*, got 'mmx'"),
    "no threads": (of_fact(threads=0), r"fact 3: threads must be >= 1 and < 2\*\*31, got 0"),
    "threads in words": (of_fact(threads="2"), "fact 3: threads must be an int, got '2'"),
    "half threads": (of_fact(threads=1.5), "fact 3: threads must be an int, got 1.5"),
    "too many threads": (of_fact(threads=2**70), "fact 3: threads must"),
    "level": (of_fact(winograd="much"), "fact 3: winograd must be 'off', 'accurate' or 'all', got 'much'"),
    "no level": (of_fact(winograd=True), "fact 3: winograd must be a str, got True"),
    "dtype": (of_fact(dtype="float16"), "fact 3: dtype must be one of 'float32', 'float64', got 'float16'"),
    "rank": (of_fact(input_shape=[1, 4, 20]), "fact 3: input must have 4 axes|fact 3: input must have"),
    "no axes": (of_fact(weight_shape=[]), "fact 3: weight_shape must have 3 to 5 axes"),
    "a number for axes": (of_fact(weight_shape=7), "fact 3: weight_shape must have 3 to 5 axes"),
    "many axes": (of_fact(weight_shape=[1] * 9), "fact 3: weight_shape must have 3 to 5 axes"),
    "channels": (of_fact(input_shape=[1, 5, 20, 30]), "fact 3: input must have groups"),
    "no image": (of_fact(input_shape=[0, 4, 20, 30]), "fact 3: input_shape must have an image"),
    "negative": (of_fact(input_shape=[1, 4, -20, 30]), "fact 3: input_shape must be >= 0"),
    "huge": (of_fact(input_shape=[2**40, 4, 2**40, 30]), r"fact 3: input must be smaller than 2\*\*63"),
    "stride": (of_fact(stride=[0, 1]), "fact 3: stride must be >= 1"),
    "strides": (of_fact(stride=[1, 1, 1]), "fact 3: stride must"),
    "padding": (of_fact(padding=[[0, -1], [0, 0]]), "fact 3: padding must"),
    "groups": (of_fact(groups=3), "fact 3: weight must have .* divisible by groups=3"),
    "true": (of_fact(groups=True), "fact 3: groups must be an int, got True"),
    "format": (of_fact(data_format="NHWC"), "fact 3: data_format must be"),
    "mode": (of_fact(padding_mode="mirror"), "fact 3: padding_mode must be"),
    "surrogate": (of_fact(padding_mode="\ud800"), "fact 3: padding_mode must be"),
    "one more": (of_fact(speed=3), "fact 3 has too few or too many parts: speed"),
    "kept": (of_fact(keep=True), "fact 3 has too few or too many parts: keep"),
    "function": (of_fact(function="x"), "fact 3 has too few or too many parts: function"),
    "one less": (without("groups"), "fact 3 has too few or too many parts: groups"),
}


def assert_refused(path: Path, why: str) -> None:
    """Whole: of its good facts none is learned."""
    with pytest.raises(ValueError, match=rf"^load_wisdom: path must name wisdom of this machine, got .*: .*({why})"):
        convx.load_wisdom(path)
    assert convx.get_wisdom() == []


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_or_foreign_file_is_refused(saved: Path, damage: str) -> None:
    change, why = DAMAGES[damage]
    content = json.loads(saved.read_text())
    change(content)
    saved.write_text(json.dumps(content))
    assert_refused(saved, why)


def test_a_file_that_is_cut_off_is_refused(saved: Path) -> None:
    data = saved.read_bytes()
    for size in (0, 1, 10, len(data) // 2, len(data) - 3):
        saved.write_bytes(data[:size])
        assert_refused(saved, "it is not JSON")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"[" * 100000, "it is not JSON"),
        (b"\xff\xfe\xfd", "it is not JSON"),
        (b'{"format": ' + b"9" * 100000 + b"}", "it is not JSON|it has no format"),
        (os.urandom(1000), "it is not JSON"),
        (b"[]", "it has no format"),
        (b"3", "it has no format"),
        (b"null", "it has no format"),
        (b"NaN", "it has no format"),
    ],
    ids=["deep", "no text", "long number", "random", "list", "number", "null", "NaN"],
)
def test_what_is_no_wisdom_is_refused(tmp_path: Path, data: bytes, why: str) -> None:
    path = tmp_path / "wisdom.json"
    path.write_bytes(data)
    assert_refused(path, why)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_refused(Path("/dev/zero"), "it is larger than 16 MiB") if os.path.exists("/dev/zero") else None
    monkeypatch.setattr("convx.wisdom.MOST_BYTES", 1 << 20)
    path = tmp_path / "wisdom.json"
    with path.open("wb") as file:
        file.truncate(2 << 20)
    assert_refused(path, "it is larger than 1 MiB")


def test_an_empty_file_of_wisdom(tmp_path: Path) -> None:
    convx.save_wisdom(tmp_path / "wisdom.json")
    assert convx.load_wisdom(tmp_path / "wisdom.json") == 0


TOLD = """
import convx, numpy as np
print(len(convx.get_wisdom()), convx.Conv2d(np.ones((8, 8, 3, 3), "float32")).algorithm_for((1, 8, 12, 12)))
"""


def test_the_environment_names_a_file(tmp_path: Path) -> None:
    plan = convx.Conv2d(np.ones((8, 8, 3, 3), "float32"))
    names, threads, level = plan._core.candidates((1, 8, 12, 12))
    fact = {"isa": _core.get_isa(), "threads": threads, "winograd": level}
    fact |= {"dtype": "float32", "input_shape": (1, 8, 12, 12), "weight_shape": (8, 8, 3, 3)}
    fact |= {"stride": 1, "padding": 0, "dilation": 1, "groups": 1}
    learn([{**fact, "padding_mode": "zeros", "data_format": "channels_first", "algorithm": names[-1]}])
    path = tmp_path / "wisdom.json"
    convx.save_wisdom(path)
    for given, expected in ((str(path), ["1", names[-1]]), ("", ["0", names[0]]), (None, ["0", names[0]])):
        done = run_python(TOLD, env={"CONVX_WISDOM": given, "CONVX_ISA": _core.get_isa(), "CONVX_WINOGRAD": level})
        assert done.returncode == 0, done.stderr
        assert done.stdout.split() == expected


@pytest.mark.parametrize("content", [None, "{", '{"format": "convx wisdom", "version": 1, "convx": "other"}'])
def test_what_the_environment_names_must_be_readable(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "wisdom.json"
    if content is not None:
        path.write_text(content)
    code = "try:\n    import convx\nexcept ImportError as e:\n    assert type(e) is ImportError\n    print(e)"
    done = run_python(code, env={"CONVX_WISDOM": str(path)})
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("CONVX_WISDOM: ")
    assert str(path) in done.stdout


def test_import_stays_lean() -> None:
    """What saving, loading and tuning need is imported when they are called."""
    code = "import sys, numpy; before = set(sys.modules); import convx; print(*set(sys.modules) - before)"
    done = run_python(code, env={"CONVX_WISDOM": None})
    assert not {"json", "statistics", "convx._tuning", "convx._timing"} & set(done.stdout.split())
