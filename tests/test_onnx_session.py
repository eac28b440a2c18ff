"""Whole models: what a session returns, whatever the sizes, the threads and the mistakes of who calls it."""

import threading
from pathlib import Path
from typing import Any

import convx
import numpy as np
import pytest

onnx = pytest.importorskip("onnx")

from convx._graph.mapped import without_large_tensors  # noqa: E402
from onnx.reference import ReferenceEvaluator  # noqa: E402


def parsed(text: str, **constants: Any) -> Any:
    """A model as ONNX's text, opset 18, with constants that take the place of inputs of their names."""
    model = onnx.parser.parse_model('<ir_version: 8, opset_import: ["": 18]>\n' + text)
    model.graph.initializer.extend(onnx.numpy_helper.from_array(value, name) for name, value in constants.items())
    inputs = [value for value in model.graph.input if value.name not in constants]
    del model.graph.input[:]
    model.graph.input.extend(inputs)
    return model


def numbers(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng([seed, *shape]).standard_normal(shape, dtype=np.float32)


DIGITS = """net (float[N,1,12,12] x, float[8,1,3,3] w, float[8] b, float[10,200] m, int64[2] flat) => (float[N,10] y) {
    c = Conv(x, w, b)
    r = Relu(c)
    p = MaxPool<kernel_shape=[2,2], strides=[2,2]>(r)
    f = Reshape(p, flat)
    g = Gemm<transB=1>(f, m)
    y = Softmax<axis=1>(g)
}"""


def digits() -> Any:
    return parsed(
        DIGITS,
        w=numbers(8, 1, 3, 3),
        b=numbers(8),
        m=numbers(10, 200) / 10,
        flat=np.array([0, -1]),
    )


def agree(model: Any, *feeds: dict[str, Any], runs: int = 3) -> convx.onnx.InferenceSession:
    """Check a session against ONNX's own evaluator, in the first run and in those that follow it."""
    expected = [ReferenceEvaluator(model).run(None, feed) for feed in feeds]
    session = convx.onnx.InferenceSession(model)
    for _ in range(runs):
        for feed, wanted in zip(feeds, expected, strict=True):
            before = {name: value.copy() for name, value in feed.items()}
            found = session.run(None, feed)
            for a, b in zip(found, wanted, strict=True):
                assert a.dtype == b.dtype
                np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
            for name, value in before.items():
                np.testing.assert_array_equal(feed[name], value)
    return session


def test_a_network_for_any_batch() -> None:
    agree(digits(), *({"x": numbers(n, 1, 12, 12)} for n in (1, 5, 2)))


def test_more_sizes_than_are_kept() -> None:
    agree(digits(), *({"x": numbers(n, 1, 12, 12)} for n in range(1, 12)), runs=2)


def test_outputs_are_the_callers() -> None:
    """A later run must not change what an earlier one returned, nor what the caller wrote there a later one."""
    session = convx.onnx.InferenceSession(digits())
    one, other = numbers(2, 1, 12, 12), numbers(2, 1, 12, 12, seed=1)
    for _ in range(3):
        (first,) = session.run(None, {"x": one})
        kept = first.copy()
        (second,) = session.run(None, {"x": other})
        np.testing.assert_array_equal(first, kept)
        second.fill(0)
        (third,) = session.run(None, {"x": one})
        np.testing.assert_array_equal(third, kept)


def test_what_it_says_of_inputs_and_outputs() -> None:
    session = convx.onnx.InferenceSession(digits())
    (given,), (made,) = session.get_inputs(), session.get_outputs()
    assert (given.name, given.shape, given.type) == ("x", ["N", 1, 12, 12], "tensor(float)")
    assert (made.name, made.shape, made.type) == ("y", ["N", 10], "tensor(float)")


@pytest.mark.parametrize("kind", ["path", "text", "bytes", "model"])
def test_where_models_come_from(kind: str, tmp_path: Path) -> None:
    model, file = digits(), tmp_path / "model.onnx"
    onnx.save(model, file, save_as_external_data=kind in ("path", "text"), size_threshold=0, location="weights")
    given = {"path": file, "text": str(file), "bytes": digits().SerializeToString(), "model": digits()}[kind]
    x = numbers(1, 1, 12, 12)
    (found,) = convx.onnx.InferenceSession(given).run(["y"], {"x": x})
    np.testing.assert_allclose(found, ReferenceEvaluator(digits()).run(None, {"x": x})[0], rtol=1e-4, atol=1e-6)


def test_large_tensors_are_read_where_they_lie(tmp_path: Path) -> None:
    """Whether they begin at a multiple of four bytes or not; what becomes of the file later does not matter."""
    x, seen = numbers(1, 64, 6, 6), set()
    for length in range(4):
        model = parsed(
            """net (float[1,64,6,6] x, float[64,64,3,3] w, float[64,1,1] s, float[64,300] m, float[1,300,60] k)
 => (float[1,300] g, float[1,64,60] h) {
    c = Conv(x, w)
    d = Mul(c, s)
    p = GlobalAveragePool(d)
    f = Flatten(p)
    g = Gemm(f, m)
    u = Unsqueeze(g, axis)
    t = Expand(u, to)
    h = MatMul(t, k)
}""",
            w=numbers(64, 64, 3, 3) / 24,
            s=numbers(64, 1, 1),
            m=numbers(64, 300) / 8,
            k=numbers(1, 300, 60) / 17,
            axis=np.array([1]),
            to=np.array([1, 64, 300]),
        )
        model.producer_name = "x" * length
        path = tmp_path / f"{length}.onnx"
        onnx.save(model, path)
        text, places = without_large_tensors(str(path))
        assert set(places) == {"w", "m", "k"}
        assert len(text) < 2000
        seen.update(place.offset % 4 for place in places.values())
        session = convx.onnx.InferenceSession(path)
        path.write_bytes(bytes(path.stat().st_size))
        for found, wanted in zip(
            session.run(None, {"x": x}), ReferenceEvaluator(model).run(None, {"x": x}), strict=True
        ):
            np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)
    assert seen == {0, 1, 2, 3}


def test_files_that_end_too_soon(tmp_path: Path) -> None:
    whole, path = digits().SerializeToString(), tmp_path / "cut.onnx"
    for length in range(1, len(whole) - 1, 97):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match="model must be a model of ONNX"):
            convx.onnx.InferenceSession(path)


BRANCHES = """net (float[N,3,8,8] x, float[4,3,3,3] w, float[4,3,1,1] v, float[6,11,1,1] u)
 => (float[N,17,8,8] y, float[N,11,8,8] z) {
    a = Conv<pads=[1,1,1,1]>(x, w)
    b = Conv(x, v)
    c = Relu(b)
    z = Concat<axis=1>(a, x, c)
    d = Conv(z, u)
    e = Relu(z)
    y = Concat<axis=1>(e, d)
}"""
NESTED = """net (float[N,3,8,8] x, float[4,3,3,3] w, float[4,7,3,3] v, float[4,11,3,3] u) => (float[N,15,8,8] y) {
    a = Relu(x)
    b = Conv<pads=[1,1,1,1]>(a, w)
    c = Concat<axis=1>(a, b)
    d = Conv<pads=[1,1,1,1]>(c, v)
    e = Concat<axis=1>(c, d)
    f = Conv<pads=[1,1,1,1]>(e, u)
    g = Concat<axis=1>(e, f)
    y = LeakyRelu(g)
}"""


@pytest.mark.parametrize("text", [BRANCHES, NESTED])
def test_branches_are_written_where_they_belong(text: str) -> None:
    w, v, u = numbers(4, 3, 3, 3), numbers(4, 3, 1, 1), numbers(6, 11, 1, 1)
    if text is NESTED:
        v, u = numbers(4, 7, 3, 3), numbers(4, 11, 3, 3)
    session = agree(parsed(text, w=w, v=v, u=u), *({"x": numbers(n, 3, 8, 8)} for n in (1, 3)))
    left = [step.algorithm for step in session.explain({"x": numbers(1, 3, 8, 8)}).steps if step.operator == "Concat"]
    assert left == (["", ""] if text is BRANCHES else ["none"] * 3)


@pytest.mark.parametrize("branches", ["token, a", "a, token", "token, a, token"])
def test_constants_are_branches_too(branches: str) -> None:
    """A vision transformer puts its class token, a constant, before the patches."""
    net = f"net (float[1,M,4] x, float[1,1,4] token) => (float[1,K,4] y) {{ a = Relu(x) b = Concat<axis=1>({branches})"
    agree(parsed(f"{net} y = Exp(b) }}", token=numbers(1, 1, 4)), *({"x": numbers(1, m, 4)} for m in (5, 1)))


def test_shapes_are_computed_once_for_each_size() -> None:
    """What exporters write for ``x.reshape(len(x), -1)`` and a channel shuffle: nothing of it is left but one copy."""
    model = parsed(
        """net (float[N,6,4,4] x, int64[1] zero, int64[1] minus, int64[5] apart, int64[4] together) => (float[N,96] y) {
    a = Relu(x)
    b = Reshape(a, apart)
    c = Transpose<perm=[0,2,1,3,4]>(b)
    d = Reshape(c, together)
    e = Shape(d)
    f = Gather(e, zero)
    g = Concat<axis=0>(f, minus)
    h = Reshape(d, g)
    y = LeakyRelu(h)
}""",
        zero=np.array([0]),
        minus=np.array([-1]),
        apart=np.array([0, 2, 3, 4, 4]),
        together=np.array([0, 6, 4, 4]),
    )
    session = agree(model, *({"x": numbers(n, 6, 4, 4)} for n in (1, 3)))
    steps = session.explain({"x": numbers(3, 6, 4, 4)}).steps
    assert [step.operator for step in steps if step.algorithm != "none"] == ["Relu", "Reshape", "LeakyRelu"]


def test_sizes_that_depend_on_contents() -> None:
    model = parsed(
        """net (float[N] x, float zero) => (int64[1,M] y, float[K] z, float[N] u) {
    a = Greater(x, zero)
    y = NonZero(a)
    b = Squeeze(y)
    c = Gather(x, b)
    z = Relu(c)
    u = Relu(x)
}""",
        zero=np.float32(0),
    )
    agree(model, *({"x": numbers(9, seed=seed)} for seed in range(5)))


def test_a_branch_taken_by_a_condition_runs_by_onnx() -> None:
    model = parsed("""net (float[4] x, bool flag) => (float[4] y) {
    a = Relu(x)
    y = If (flag) <
        then_branch = then () => (float[4] t) { t = Add(a, x) },
        else_branch = other () => (float[4] e) { e = Sub(a, x) }
    >
}""")
    with pytest.warns(RuntimeWarning, match="lacks the operators If: ONNX's reference"):
        agree(model, *({"x": numbers(4), "flag": np.array(flag)} for flag in (True, False)))


def test_functions_of_the_model_are_inlined() -> None:
    model = onnx.parser.parse_model("""<ir_version: 8, opset_import: ["": 18, "mine": 1]>
net (float[4] x) => (float[4] y) { y = mine.twice(x) }
<domain: "mine", opset_import: ["": 18]>
twice (a) => (b) { b = Add(a, a) }""")
    x = numbers(4)
    np.testing.assert_array_equal(convx.onnx.InferenceSession(model).run(None, {"x": x})[0], x + x)


def test_operators_of_unknown_domains_are_refused() -> None:
    model = onnx.parser.parse_model("""<ir_version: 8, opset_import: ["": 18, "com.example": 1]>
net (float[4] x) => (float[4] y) { y = com.example.Odd(x) }""")
    with pytest.raises(ValueError, match=r"of ONNX's default domain, .*, got com\.example\.Odd$"):
        convx.onnx.InferenceSession(model)


@pytest.mark.parametrize(
    ("feed", "error", "message"),
    [
        ({}, ValueError, r"run: input_feed must hold the inputs \['x'\], got \[\]"),
        ({"y": 0}, ValueError, r"run: input_feed must hold the inputs \['x'\], got \['y'\]"),
        ({"x": 0, "w": 0}, ValueError, r"run: input_feed must hold no other names than \['x'\], got \['x', 'w'\]"),
        ({"x": np.zeros((1, 1, 12, 12))}, TypeError, r"input 'x' must be tensor\(float\), .* got float64; pass it as"),
        ({"x": numbers(1, 1, 12, 13)}, ValueError, r"input 'x' must have shape \(N, 1, 12, 12\), got \(1, 1, 12, 13\)"),
        ({"x": numbers(1, 12, 12)}, ValueError, r"input 'x' must have shape \(N, 1, 12, 12\), got \(1, 12, 12\)"),
        ({"x": np.ma.zeros((1, 1, 12, 12), np.float32)}, TypeError, "input 'x' must not be a masked array"),
    ],
)
def test_wrong_inputs(feed: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        convx.onnx.InferenceSession(digits()).run(None, feed)


def test_wrong_names_and_models(tmp_path: Path) -> None:
    session = convx.onnx.InferenceSession(digits())
    with pytest.raises(ValueError, match=r"run: output_names must be among \['y'\], got \['z'\]"):
        session.run(["y", "z"], {"x": numbers(1, 1, 12, 12)})
    with pytest.raises(TypeError, match="model must be a path, bytes or a ModelProto, got int"):
        convx.onnx.InferenceSession(3)
    with pytest.raises(ValueError, match="model must be a model of ONNX, got 3 bytes"):
        convx.onnx.InferenceSession(b"abc")
    with pytest.raises(OSError, match=r"no\.onnx"):
        convx.onnx.InferenceSession(tmp_path / "no.onnx")
    for wrong, error in ((0, ValueError), (1.5, TypeError), (True, TypeError)):
        with pytest.raises(error, match="InferenceSession: num_threads must be"):
            convx.onnx.InferenceSession(digits(), num_threads=wrong)


def test_a_failed_run_leaves_the_session_as_it_was() -> None:
    model = parsed("net (float[N,4] x, float[M,4] z) => (float[N,4] y) { a = Relu(x) y = Add(a, z) }")
    session = convx.onnx.InferenceSession(model)
    good = {"x": numbers(3, 4), "z": numbers(3, 4)}
    expected = np.maximum(good["x"], 0) + good["z"]
    for _ in range(3):
        with pytest.raises(ValueError):  # noqa: PT011 - NumPy's own
            session.run(None, {"x": numbers(3, 4), "z": numbers(2, 4)})
        np.testing.assert_array_equal(session.run(None, good)[0], expected)


def test_threads_share_a_session() -> None:
    session = convx.onnx.InferenceSession(digits(), num_threads=1)
    images = [numbers(n, 1, 12, 12, seed=n) for n in (1, 2, 1, 3)]
    expected = [convx.onnx.InferenceSession(digits()).run(None, {"x": x})[0] for x in images]
    wrong: list[int] = []
    before = convx.get_num_threads()

    def work(which: int) -> None:
        for _ in range(50):
            if not np.array_equal(session.run(None, {"x": images[which]})[0], expected[which]):
                wrong.append(which)

    threads = [threading.Thread(target=work, args=(which,)) for which in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert convx.get_num_threads() == before


def test_a_report_tells_what_was_done_and_what_it_costs() -> None:
    report = convx.onnx.InferenceSession(digits()).explain(seconds=0.001)
    assert [step.operator for step in report.steps] == ["Conv", "Reshape", "Linear", "Softmax"]
    first, reshape, linear, _ = report.steps
    assert (first.fused, first.shape, first.macs) == (("Relu", "MaxPool"), (1, 8, 5, 5), 8 * 100 * 9)
    assert (reshape.algorithm, reshape.seconds) == ("none", 0.0)
    assert linear.macs == 2000
    assert report.passes[0] == ("read", 6)
    text = str(report)
    assert "Conv + Relu + MaxPool" in text
    assert "fuse_activations 6 -> 5" in text
    assert report.to_dict()["steps"][0]["gflops"] > 0
