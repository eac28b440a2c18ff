"""Functions of elements in networks, written over operands that nothing reads any more."""

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from test_onnx_session import agree, numbers, parsed

BYTES = 2 * 3 * 16 * 4  # of each array below
CASES = {
    "chain": ("a = Sigmoid(x) b = Exp(a) c = Tanh(b) d = Add(c, x) y = Neg(d)", 1),
    "read_again": ("a = Sigmoid(x) b = Exp(a) c = Tanh(b) d = Add(c, a) y = Neg(d)", 2),
    "twice_the_same": ("a = Sigmoid(x) b = Mul(a, a) y = Neg(b)", 1),
    "other_operand": ("a = Sigmoid(x) b = Exp(x) c = Sub(b, a) d = Div(a, c) y = Neg(d)", 2),
    "read_as_a_view": ("a = Sigmoid(x) v = Reshape(a, sizes) b = Exp(a) c = Tanh(v) d = Sub(b, c) y = Neg(d)", 3),
    "joined": ("a = Sigmoid(x) b = Exp(a) c = Concat<axis=1>(a, b) d = Tanh(c) y = Slice(d, from, to, axis)", 2),
    "part_read_later": (
        "a = Sigmoid(x) b = Exp(x) c = Concat<axis=1>(a, b) d = Softmax<axis=2>(c) e = Neg(a)"
        " f = Slice(d, from, to, axis) y = Add(e, f)",
        5,
    ),
    "softmax": ("a = Sigmoid(x) b = Softmax<axis=1>(a) c = Exp(b) y = Neg(c)", 1),
}


@pytest.mark.parametrize("case", CASES)
def test_operands_are_written_over(case: str) -> None:
    """The result is that of ONNX's evaluator, in as many arrays as are needed at once."""
    nodes, arrays = CASES[case]
    model = parsed(
        f"net (float[2,3,16] x, int64[3] sizes, int64[1] from, int64[1] to, int64[1] axis) => (float[2,3,16] y)"
        f"{{ {nodes} }}",
        **{"sizes": np.array([2, 3, 16]), "from": np.array([1]), "to": np.array([4]), "axis": np.array([1])},
    )
    session = agree(model, {"x": numbers(2, 3, 16)})
    assert session.explain({"x": numbers(2, 3, 16)}).nbytes <= arrays * BYTES


def test_outputs_that_are_views_only_in_later_runs() -> None:
    """What NumPy joins of transposed arrays lies in another order than in the arena, where Flatten is no copy."""
    model = parsed(
        """net (float[4,3,5] x, float[6,8,5] u, float[6,1,5] c) => (float[6,20] y, float[6,9,5] z) {
    t = Transpose<perm=[1,0,2]>(x)
    a = Concat<axis=0>(t, t)
    y = Flatten(a)
    b = Concat<axis=1>(c, u)
    z = Exp(b)
}""",
        c=numbers(6, 1, 5),
    )
    agree(model, {"x": numbers(4, 3, 5), "u": numbers(6, 8, 5)})
