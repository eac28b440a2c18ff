"""Functions of Dask arrays: lazy, refusing at once what their twins refuse, and sparing with tasks and threads."""

import doctest
import inspect
import pickle
import re
import threading
from typing import Any

import convx
import numpy as np
import pytest

pytest.importorskip("dask.array")

from dask_arrays import da, dask, same

X = np.random.default_rng(0).standard_normal((2, 6, 40, 50), np.float32)
W = np.random.default_rng(1).standard_normal((8, 6, 3, 3), np.float32)


def never(*_: Any, **__: Any) -> Any:
    raise AssertionError("computed")


def huge(*shape: int, chunks: Any = "auto") -> Any:
    """An array that no machine holds and no task may ask for."""
    return da.map_blocks(never, chunks=da.core.normalize_chunks(chunks, shape, dtype=np.float32), dtype=np.float32)


def test_nothing_is_computed() -> None:
    maps = huge(64, 3, 10**6, 10**6, chunks=(1, 3, 10**5, 10**5))
    result = convx.dask.conv2d(maps, W[:, :3], padding="same", padding_mode="reflect")
    assert result.shape == (64, 8, 10**6, 10**6)
    assert result.chunks == ((1,) * 64, (8,), (10**5,) * 10, (10**5,) * 10)
    pooled = convx.dask.max_pool2d(result, 2)[3:5, 1, ::7]
    assert pooled.shape == (2, 71429, 500000)
    assert type(pooled._meta) is np.ndarray
    assert pooled._meta.dtype == np.float32


def test_names_follow_the_arguments() -> None:
    """Dask computes once what has one name."""
    lazy = da.from_array(X, chunks=(1, 6, 20, 20))
    results = [convx.dask.conv2d(lazy, W, padding=p, stride=s) for p in (0, 1, 2) for s in (1, 2)]
    names = [result.name for result in results]
    assert len({*names}) == len(names)
    assert convx.dask.conv2d(lazy, W, padding=2, stride=2).name == names[-1]
    assert convx.dask.conv2d(lazy, W + 1, padding=2, stride=2).name != names[-1]
    assert all(name.startswith("conv2d-") for name in names)


@pytest.mark.parametrize(
    ("padding", "stride", "chunks"),
    [
        ("same", 1, (10, 10, 10, 10)),
        ("causal", 1, (10, 10, 10, 10)),
        ("valid", 1, (9, 10, 10, 9)),
        ("same", 2, (5, 5, 5, 5)),
        ("same", 15, (1, 1, 1)),
        (2, 1, (11, 10, 10, 11)),
    ],
)
def test_chunks_follow_the_input(padding: Any, stride: int, chunks: tuple[int, ...]) -> None:
    lazy = da.ones((1, 40), chunks=10)
    assert convx.dask.conv1d(lazy, np.ones((1, 1, 3)), None, stride, padding).chunks[1] == chunks


def test_one_task_reads_what_its_windows_cover() -> None:
    """A block of a strided, dilated convolution asks for no element more."""
    reads: list[tuple[int, int]] = []

    def noted(block: Any, block_info: Any = None) -> Any:
        reads.append(block_info[0]["array-location"][0])
        return block

    lazy = da.ones(1000, chunks=1).map_blocks(noted, dtype=float)[None]
    result = convx.dask.conv1d(lazy, np.ones((1, 1, 2)), stride=10, dilation=3, padding=4)
    first = result.chunks[1][0]
    reads.clear()
    result[:, first : first + result.chunks[1][1]].compute()
    start = 10 * first - 4
    stop = start + 10 * (result.chunks[1][1] - 1) + 4
    assert sorted(reads) == [(i, i + 1) for i in range(start, stop)]


def test_channels() -> None:
    """Groups follow the chunks of maps, a weight's chunks become those of the result, other maps come together."""
    lazy = da.from_array(X, chunks=(2, 2, 40, 50))
    assert convx.dask.conv2d(lazy, W).chunks[1] == (8,)
    filters = da.from_array(W, chunks=(3, 2, 3, 3))
    assert convx.dask.conv2d(lazy, filters).chunks[1] == (3, 3, 2)
    depthwise = convx.dask.conv2d(lazy, np.ones((12, 1, 3, 3), np.float32), groups=6)
    assert depthwise.chunks[1] == (4, 4, 4)
    grouped = convx.dask.conv2d(lazy, np.ones((4, 3, 3, 3), np.float32), groups=2)
    assert grouped.chunks[1] == (4,), "a chunk ends within a group"


def test_composes() -> None:
    lazy = da.from_array(X, chunks=(1, 3, 13, 17))
    result = convx.dask.max_pool2d(convx.dask.conv2d(lazy, W, padding=1, algorithm="direct"), 2).rechunk((2, 4, 7, 25))
    exact = convx.max_pool2d(convx.conv2d(X, W, padding=1, algorithm="direct"), 2)
    same(result, exact)
    same(result[:, 2:5, ::3], exact[:, 2:5, ::3])


def test_tasks_can_be_pickled() -> None:
    result = convx.dask.conv2d(da.from_array(X, chunks=(1, 6, 20, 25)), W, algorithm="direct")
    same(pickle.loads(pickle.dumps(result)), convx.conv2d(X, W, algorithm="direct"))


BAD: list[tuple[str, dict[str, Any]]] = [
    ("conv2d", {"weight": W[:, :4]}),
    ("conv2d", {"weight": W, "stride": 0}),
    ("conv2d", {"weight": W, "padding": "sam"}),
    ("conv2d", {"weight": W, "padding_mode": "mirror"}),
    ("conv2d", {"weight": W, "groups": 4}),
    ("conv2d", {"weight": W, "bias": np.ones(3, np.float32)}),
    ("conv2d", {"weight": W, "algorithm": "magic"}),
    ("conv2d", {"weight": W, "dilation": 30}),
    ("conv2d", {"weight": W.astype("int8")}),
    ("conv2d", {"weight": np.ma.masked_array(W)}),
    ("conv3d", {"weight": W}),
    ("conv_transpose2d", {"weight": W}),
    ("conv_transpose2d", {"weight": np.ones((6, 2, 3, 3)), "output_padding": 2}),
    ("max_pool2d", {"kernel_size": 3, "padding": 2}),
    ("avg_pool2d", {"kernel_size": 2.5}),
    ("avg_pool2d", {"kernel_size": 2, "divisor_override": 0}),
    ("lp_pool2d", {"kernel_size": 2, "norm_type": -1}),
    ("lp_pool1d", {"kernel_size": 99, "norm_type": 2}),
    ("adaptive_max_pool2d", {"output_size": 0}),
    ("adaptive_avg_pool2d", {"output_size": (1, 2, 3)}),
    ("global_lp_pool", {"norm_type": 0}),
    ("global_avg_pool", {"data_format": "last"}),
    ("maxout", {"pool_size": 4}),
    ("maxout", {"pool_size": 2, "axis": 4}),
    ("maxout", {"pool_size": 2, "axis": 1.0}),
]


@pytest.mark.parametrize(("name", "arguments"), BAD, ids=[f"{name}-{next(reversed(a))}" for name, a in BAD])
def test_mistakes_are_told_at_once_and_in_the_same_words(name: str, arguments: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)) as told:
        getattr(convx, name)(X, **arguments)
    lazy = da.from_array(X, chunks=(1, 3, 10, 50)).map_blocks(never, dtype=X.dtype, meta=X[:0])
    with pytest.raises(told.type, match=f"^{re.escape(str(told.value))}$"):
        getattr(convx.dask, name)(lazy, **arguments)


def test_a_mistake_takes_no_memory() -> None:
    with pytest.raises(ValueError, match=re.escape("got 3 channels in shape (1000, 3, 1000000, 1000000)")):
        convx.dask.conv2d(huge(1000, 3, 10**6, 10**6, chunks=(1, 3, 10**5, 10**5)).astype("float16"), W)


def test_masked_arrays_are_refused() -> None:
    with pytest.raises(TypeError, match="conv2d: input must not be a masked array"):
        convx.dask.conv2d(da.ma.masked_less(da.from_array(X), 0), W)


@pytest.mark.parametrize(("name", "weight"), [("conv2d", W), ("conv_transpose2d", W.swapaxes(0, 1))])
def test_weights_and_biases_in_lists(name: str, weight: Any) -> None:
    x = X.astype(float)
    given = {"weight": weight.tolist(), "bias": [0.5] * 8, "algorithm": "direct"}
    same(getattr(convx.dask, name)(da.from_array(x, chunks=(1, 3, 20, 25)), **given), getattr(convx, name)(x, **given))


def test_other_arrays_are_refused() -> None:
    with pytest.raises(TypeError, match=r"^conv2d: input must be a dask array, got ndarray \(make one by"):
        convx.dask.conv2d(X, W)


@pytest.mark.parametrize("name", ["input", "weight", "bias"])
def test_unknown_chunks_are_refused_with_the_remedy(name: str) -> None:
    known = {"input": da.from_array(X), "weight": da.from_array(W), "bias": da.ones(8, dtype=np.float32)}
    known[name] = known[name][known[name].reshape(len(known[name]), -1).sum(axis=1) > -(10**9)]
    with pytest.raises(ValueError, match=rf"conv2d: {name} must have chunks of known sizes.*compute_chunk_sizes"):
        convx.dask.conv2d(**known)
    known[name].compute_chunk_sizes()
    assert convx.dask.conv2d(**known).shape == (2, 8, 38, 48)


def threads_in_tasks(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    seen: set[int] = set()
    pool = convx._core.max_pool

    def noted(*arguments: Any, **keywords: Any) -> Any:
        seen.add(convx.get_num_threads())
        return pool(*arguments, **keywords)

    lazy = convx.dask.max_pool2d(da.from_array(X, chunks=(1, 2, 10, 25)), 2)
    monkeypatch.setattr(convx._core, "max_pool", noted)
    lazy.compute(scheduler="threads", num_workers=3)
    monkeypatch.undo()
    return seen


@pytest.mark.skipif(not convx._core.info()["openmp"], reason="built without OpenMP")
def test_a_task_has_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    before = convx.get_num_threads()
    if before < 2:
        pytest.skip("one thread is all there is")
    assert threads_in_tasks(monkeypatch) == {1}
    with dask.config.set({"convx.num-threads": 2}):
        assert threads_in_tasks(monkeypatch) == {2}
    with dask.config.set({"convx.num-threads": None}):
        assert threads_in_tasks(monkeypatch) == {before}
    assert convx.get_num_threads() == before
    counts: list[int] = []
    other = threading.Thread(target=lambda: counts.append(convx.get_num_threads()))
    other.start()
    other.join()
    assert counts == [before], "other threads keep theirs"


@pytest.mark.parametrize("number", [0, -1, True, 1.5, "two"])
def test_bad_number_of_threads(number: Any) -> None:
    with (
        dask.config.set({"convx.num-threads": number}),
        pytest.raises(ValueError, match=r"convx\.num-threads must be an int >= 1 or None"),
    ):
        convx.dask.max_pool2d(da.from_array(X), 2)


@pytest.mark.parametrize("name", convx.dask.__all__)
def test_signatures_are_those_of_the_twins(name: str) -> None:
    twin = {key: p for key, p in inspect.signature(getattr(convx, name)).parameters.items() if key != "out"}
    mine = inspect.signature(getattr(convx.dask, name)).parameters
    assert [(key, p.kind, p.default) for key, p in mine.items()] == [(k, p.kind, p.default) for k, p in twin.items()]


@pytest.mark.parametrize("name", convx.dask.__all__)
def test_texts_tell_of_dask_arrays(name: str) -> None:
    text = getattr(convx.dask, name).__doc__
    assert "dask.array.Array" in text
    assert f":func:`convx.{name}`" in text
    assert not re.search(r"`out`|^out :|^ndarray|any strides", text, re.MULTILINE)
    assert "num-threads" in text
    for section in ("Parameters", "Returns", "Raises", "Notes", "Examples"):
        assert text.count(f"\n{section}\n{'-' * len(section)}\n") == 1
    assert max(map(len, text.splitlines())) <= 120


@pytest.mark.parametrize("name", convx.dask.__all__)
def test_examples_are_right(name: str) -> None:
    for example in doctest.DocTestFinder().find(getattr(convx.dask, name), name, globs={}):
        assert doctest.DocTestRunner().run(example).failed == 0
