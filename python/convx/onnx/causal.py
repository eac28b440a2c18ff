"""CausalConvWithState."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

import convx
from convx.onnx.attributes import AnyArray, as_array, fail, speaking_onnx

__all__ = ["CausalConvWithState"]


def CausalConvWithState(
    input: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    past_state: ArrayLike | None = None,
    *,
    activation: Literal["none", "silu", "swish"] = "none",
) -> tuple[AnyArray, AnyArray]:
    """Convolve signals map by map, seeing only the past, and carry the past over to the next call.

    Parameters
    ----------
    input : array_like, shape (N, C, L)
        Signals of float16, bfloat16, float32 or float64.
    weight : array_like, shape (C, 1, k)
        One filter for each map.
    bias : array_like, shape (C,), optional
        Added to each map.
    past_state : array_like, shape (N, C, k - 1), optional
        What came before `input`: the second result of the call before. Zeros where not present.
    activation : {'none', 'silu', 'swish'}, default 'none'
        The last two are the same: ``y / (1 + exp(-y))``.

    Returns
    -------
    output : ndarray, shape (N, C, L)
        The convolution of `past_state` followed by `input`.
    present_state : ndarray, shape (N, C, k - 1)
        The last ``k - 1`` elements of both.

    Raises
    ------
    TypeError
        If an array is of another type.
    ValueError
        If the attribute or a shape breaks a rule; the message names it.

    References
    ----------
    ONNX operator CausalConvWithState, version 27.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import onnx
    >>> first, state = onnx.CausalConvWithState(np.array([[[1.0, 2.0]]]), np.ones((1, 1, 3)))
    >>> second, state = onnx.CausalConvWithState(np.array([[[3.0]]]), np.ones((1, 1, 3)), past_state=state)
    >>> first, second, state
    (array([[[1., 3.]]]), array([[[6.]]]), array([[[2., 3.]]]))
    """
    operator = "CausalConvWithState"
    x, w = as_array(operator, "input", input), as_array(operator, "weight", weight)
    if not isinstance(activation, str):
        raise TypeError(f"{operator}: activation must be a str, got {activation!r}")
    if activation not in ("none", "silu", "swish"):
        fail(operator, "activation must be one of none, silu, swish", repr(activation))
    if x.ndim != 3:
        fail(operator, "input must have 3 axes (N, C, L)", f"shape {x.shape}")
    if w.ndim != 3 or w.shape[:2] != (x.shape[1], 1) or w.shape[2] == 0:
        fail(operator, f"weight must have shape ({x.shape[1]}, 1, k)", f"shape {w.shape}")
    reach = w.shape[2] - 1
    carried = (len(x), x.shape[1], reach)
    past = np.zeros(carried, x.dtype) if past_state is None else as_array(operator, "past_state", past_state)
    if past.shape != carried:
        fail(operator, f"past_state must have shape {carried}", f"shape {past.shape}")
    dtype = np.result_type(x, w)
    if activation != "none" and dtype.itemsize == 2:
        w = w.astype(np.float32)  # one rounding, after the activation
    with speaking_onnx(operator, input="input", weight="weight", bias="bias"):
        y = convx.conv1d(x, w, bias, padding="causal", groups=len(w))
        head = np.concatenate([past, x[..., :reach]], axis=2)
        if past_state is not None and reach:  # the outputs that see the past
            y[..., :reach] = convx.conv1d(head, w, bias, groups=len(w))
    if activation != "none":
        with np.errstate(over="ignore"):
            y = (y / (1 + np.exp(-y))).astype(dtype, copy=False)
    state = np.concatenate([past, x[..., max(x.shape[2] - reach, 0) :]], axis=2)
    return y, state[..., state.shape[2] - reach :].copy()
