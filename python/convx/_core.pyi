"""The compiled core. Private: every argument must be given, by place or name, and is validated here."""

from collections.abc import Sequence
from typing import Any, Literal, SupportsFloat, SupportsIndex, TypedDict, final, type_check_only

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convx._types import (
    Activation,
    Algorithm,
    ByteArray,
    ConvArray,
    DataFormat,
    Fact,
    FloatArray,
    GradientAlgorithm,
    IndexArray,
    Ints,
    NumberArray,
    Padding,
    PaddingMode,
    PaddingName,
    PaddingPairs,
    Sizes,
    WinogradLevel,
)

@type_check_only
class _Info(TypedDict):
    version: str
    isa: str
    isas: list[str]
    cpu: str
    caches: tuple[int, int, int]
    openmp: str
    threads: int
    compiler: str
    flags: dict[str, str]
    build_type: str

def conv(
    function: str,
    rank: int,
    input: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None,
    stride: Ints,
    padding: Padding,
    dilation: Ints,
    groups: SupportsIndex,
    activation: Activation,
    algorithm: str,
    out: ConvArray | None,
    padding_mode: str,
    data_format: str,
    residual: ArrayLike | None,
) -> ConvArray: ...
def conv_transpose(
    function: str,
    rank: int,
    input: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None,
    stride: Ints,
    padding: Padding,
    output_padding: Ints,
    groups: SupportsIndex,
    dilation: Ints,
    output_size: Ints | None,
    activation: Activation,
    algorithm: str,
    out: FloatArray | None,
    data_format: str,
) -> FloatArray: ...
def conv_input(
    function: str,
    rank: int,
    input_size: Sequence[SupportsIndex],
    weight: ArrayLike,
    grad_output: ArrayLike,
    stride: Ints,
    padding: Padding,
    dilation: Ints,
    groups: SupportsIndex,
    algorithm: str,
    out: FloatArray | None,
    data_format: str,
) -> FloatArray: ...
def filter_image(
    input: ArrayLike,
    weight: ArrayLike,
    stride: Ints,
    padding: Padding,
    dilation: Ints,
    groups: SupportsIndex,
    dtype: np.dtype[np.generic] | None,
    out: NumberArray | None,
    padding_mode: str,
    data_format: str,
) -> NumberArray: ...
def image_sums(
    input: ArrayLike,
    weight: ArrayLike,
    padding: Padding,
    padding_mode: str,
    fill: SupportsFloat,
    line: bool,
    out: NDArray[np.generic],
    sums: NDArray[np.float32] | None,
    off: float,
) -> None: ...

@final
class Plan:
    """What the functions `*_plan` make: a kind of convolution with its weight kept, to be called for many inputs."""

    def __call__(
        self, input: ArrayLike, out: NumberArray | None, residual: ArrayLike | None = None, /
    ) -> NumberArray: ...
    def output_shape(self, input_shape: tuple[int, ...], /) -> tuple[int, ...]: ...
    def workspace_bytes(self, input_shape: tuple[int, ...], /) -> int: ...
    def algorithm_for(self, input_shape: tuple[int, ...], /) -> Algorithm: ...
    def candidates(self, input_shape: Ints, /) -> tuple[tuple[Algorithm, ...], int, WinogradLevel]:
        """What "auto" may take, the model's choice first; the threads of such a call, and what Winograd may do."""

    def preferring(self, algorithm: Algorithm, /) -> Plan:
        """Make the same plan, but one that takes this algorithm where "auto" may."""

    def wisdom(self) -> list[Fact]:
        """What is known of convolutions with such a weight, stride, dilation and groups."""

    @property
    def weight(self) -> NumberArray:
        """What the plan keeps, read-only, as `bias`."""

    @property
    def bias(self) -> NumberArray | None: ...
    @property
    def dtype(self) -> np.dtype: ...
    @property
    def weight_shape(self) -> tuple[int, ...]: ...
    @property
    def stride(self) -> tuple[int, ...]: ...
    @property
    def padding(self) -> PaddingPairs | PaddingName: ...
    @property
    def dilation(self) -> tuple[int, ...]: ...
    @property
    def groups(self) -> int: ...
    @property
    def padding_mode(self) -> PaddingMode: ...
    @property
    def data_format(self) -> DataFormat: ...
    @property
    def algorithm(self) -> Algorithm: ...
    @property
    def output_padding(self) -> tuple[int, ...]:
        """Of transposed convolution alone, as `output_size`; AttributeError otherwise."""

    @property
    def output_size(self) -> tuple[int, ...] | None: ...

def conv_plan(
    function: str,
    rank: int,
    weight: ArrayLike,
    bias: ArrayLike | None,
    stride: Ints,
    padding: Padding,
    dilation: Ints,
    groups: SupportsIndex,
    activation: Activation,
    algorithm: str,
    padding_mode: str,
    data_format: str,
    input_shape: tuple[int, ...] | None,
) -> Plan: ...
def conv_transpose_plan(
    function: str,
    rank: int,
    weight: ArrayLike,
    bias: ArrayLike | None,
    stride: Ints,
    padding: Padding,
    output_padding: Ints,
    groups: SupportsIndex,
    dilation: Ints,
    output_size: Ints | None,
    activation: Activation,
    algorithm: str,
    data_format: str,
) -> Plan: ...
def pooled_conv_plan(
    function: str,
    rank: int,
    weight: ArrayLike,
    bias: ArrayLike | None,
    stride: Ints,
    padding: Padding,
    dilation: Ints,
    groups: SupportsIndex,
    activation: Activation,
    algorithm: str,
    pool_size: Ints,
    pool_stride: Ints,
    ceil_mode: bool,
) -> Plan: ...
def conv_integer(
    x: ArrayLike,
    w: ArrayLike,
    x_zero_point: ArrayLike,
    w_zero_point: ArrayLike,
    stride: Ints,
    padding: Padding,
    dilation: Ints,
    groups: SupportsIndex,
    out: NDArray[np.int32] | None,
    data_format: str,
) -> NDArray[np.int32]: ...
def qlinear_conv(
    x: ArrayLike,
    x_scale: ArrayLike,
    x_zero_point: ArrayLike,
    w: ArrayLike,
    w_scale: ArrayLike,
    w_zero_point: ArrayLike,
    y_scale: ArrayLike,
    y_zero_point: ArrayLike,
    bias: ArrayLike | None,
    stride: Ints,
    padding: Padding,
    dilation: Ints,
    groups: SupportsIndex,
    out: ByteArray | None,
    data_format: str,
) -> ByteArray: ...
def quantized_plan(
    function: str,
    x_scale: ArrayLike,
    x_zero_point: ArrayLike,
    w: ArrayLike,
    w_scale: ArrayLike,
    w_zero_point: ArrayLike,
    y_scale: ArrayLike,
    y_zero_point: ArrayLike,
    bias: ArrayLike | None,
    stride: Ints,
    padding: Padding,
    dilation: Ints,
    groups: SupportsIndex,
    data_format: str,
) -> Plan: ...
def conv_weight(
    function: str,
    rank: int,
    input: ArrayLike,
    weight_size: Sequence[SupportsIndex],
    grad_output: ArrayLike,
    stride: Ints,
    padding: Padding,
    dilation: Ints,
    groups: SupportsIndex,
    algorithm: str,
    out: FloatArray | None,
    data_format: str,
) -> FloatArray: ...
def conv_weight_algorithms() -> tuple[GradientAlgorithm, ...]: ...
def conv_weight_summaries() -> dict[str, str]: ...
def choose_weight_gradient(
    input_shape: tuple[int, ...],
    weight_size: tuple[int, ...],
    stride: Ints,
    padding: Padding,
    dilation: Ints,
    groups: SupportsIndex,
    dtype: np.dtype[np.float32 | np.float64],
) -> str: ...
def conv_bias(
    function: str, rank: int, grad_output: ArrayLike, out: FloatArray | None, data_format: str
) -> FloatArray: ...
def max_pool_backward(
    function: str,
    rank: int,
    grad_output: ArrayLike,
    indices: ArrayLike,
    input_size: Sequence[SupportsIndex],
    out: FloatArray | None,
    data_format: str,
) -> FloatArray: ...
def avg_pool_backward(
    function: str,
    rank: int,
    grad_output: ArrayLike,
    input_size: Sequence[SupportsIndex],
    kernel_size: Ints,
    stride: Ints | None,
    padding: Padding,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: SupportsIndex | None,
    dilation: Ints,
    out: FloatArray | None,
    data_format: str,
) -> FloatArray: ...
def avg_pool(
    function: str,
    rank: int,
    input: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None,
    padding: Padding,
    dilation: Ints,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: SupportsIndex | None,
    out: FloatArray | None,
    data_format: str,
    any_padding: bool,
) -> FloatArray:
    """Pool; `any_padding` lifts the rule that numeric padding is at most half of the dilated kernel."""

def max_pool(
    function: str,
    rank: int,
    input: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None,
    padding: Padding,
    dilation: Ints,
    ceil_mode: bool,
    return_indices: bool,
    out: NumberArray | tuple[NumberArray, IndexArray] | None,
    data_format: str,
    any_padding: bool,
) -> NumberArray | tuple[NumberArray, IndexArray]: ...
def min_pool(
    function: str,
    rank: int,
    input: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None,
    padding: Padding,
    dilation: Ints,
    ceil_mode: bool,
    out: NumberArray | None,
    data_format: str,
    any_padding: bool,
) -> NumberArray: ...
def lp_pool(
    function: str,
    rank: int,
    input: ArrayLike,
    norm_type: SupportsFloat,
    kernel_size: Ints,
    stride: Ints | None,
    padding: Padding,
    dilation: Ints,
    ceil_mode: bool,
    out: FloatArray | None,
    data_format: str,
    any_padding: bool,
) -> FloatArray: ...
def adaptive_avg_pool(
    function: str,
    rank: int,
    input: ArrayLike,
    output_size: Sizes,
    out: FloatArray | None,
    data_format: str,
) -> FloatArray: ...
def adaptive_max_pool(
    function: str,
    rank: int,
    input: ArrayLike,
    output_size: Sizes,
    return_indices: bool,
    out: NumberArray | tuple[NumberArray, IndexArray] | None,
    data_format: str,
) -> NumberArray | tuple[NumberArray, IndexArray]: ...
def global_pool(
    function: str,
    kind: Literal["max", "avg", "lp"],
    input: ArrayLike,
    norm_type: SupportsFloat | None,
    keepdims: bool,
    out: NumberArray | None,
    data_format: str,
) -> NumberArray: ...
def max_unpool(
    function: str,
    rank: int,
    input: ArrayLike,
    indices: ArrayLike,
    kernel_size: Ints,
    stride: Ints | None,
    padding: Padding,
    output_size: Ints | None,
    out: NumberArray | None,
    data_format: str,
) -> NumberArray: ...
def maxout(
    input: ArrayLike,
    pool_size: SupportsIndex,
    axis: SupportsIndex,
    out: NumberArray | None,
) -> NumberArray: ...
def deform_conv(
    function: str,
    rank: int,
    input: ArrayLike,
    offset: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None,
    stride: Ints,
    padding: Padding,
    dilation: Ints,
    mask: ArrayLike | None,
    out: FloatArray | None,
    data_format: str,
) -> FloatArray: ...
def separable(
    function: str,
    input: NDArray[Any],
    out: NDArray[Any],
    down: tuple[NDArray[np.float64], int, str, bool] | None,
    along: tuple[NDArray[np.float64], int, str, bool] | None,
    added: bool,
    inner: int,
    cval: float,
    first: int,
) -> None: ...
def unfold(
    input: ArrayLike,
    kernel_size: Ints,
    dilation: Ints,
    padding: Padding,
    stride: Ints,
    out: FloatArray | None,
    data_format: str,
) -> FloatArray: ...
def fold(
    input: ArrayLike,
    output_size: Ints,
    kernel_size: Ints,
    dilation: Ints,
    padding: Padding,
    stride: Ints,
    out: FloatArray | None,
    data_format: str,
) -> FloatArray: ...
def set_num_threads(n: SupportsIndex) -> None: ...
def get_num_threads() -> int: ...
def thread_setting() -> int: ...
def restore_thread_setting(n: int) -> None: ...
def watch_allocations(fail_at: int) -> None: ...
def unwatch_allocations() -> tuple[int, int]: ...
def fma_peak(seconds: float) -> float: ...
def get_winograd() -> str: ...
def set_winograd(level: bool | str) -> None: ...
def winograd_transform(
    points: tuple[int, int], taps: tuple[int, int], stage: Literal["input", "output", "weight"], tile: FloatArray
) -> FloatArray: ...
def algorithms() -> tuple[Algorithm, ...]: ...
def algorithm_summaries() -> dict[str, str]: ...
def choose(
    input_shape: tuple[int, ...],
    weight_shape: tuple[int, ...],
    stride: Ints,
    padding: Padding,
    dilation: Ints,
    groups: SupportsIndex,
    dtype: np.dtype[np.float32 | np.float64],
) -> str: ...
def algorithm_costs(
    input_shape: tuple[int, ...],
    weight_shape: tuple[int, ...],
    stride: Ints,
    padding: Padding,
    dilation: Ints,
    groups: SupportsIndex,
    dtype: np.dtype[np.float32 | np.float64],
) -> dict[str, float]: ...
def supports(
    algorithm: str, weight_shape: tuple[int, ...], stride: Ints, dilation: Ints, groups: SupportsIndex
) -> bool: ...
def learn(
    function: str,
    isa: str,
    threads: int,
    winograd: str,
    dtype: Literal["float32", "float64"],
    input_shape: Ints,
    weight_shape: Ints,
    stride: Ints,
    padding: Padding,
    dilation: Ints,
    groups: SupportsIndex,
    padding_mode: str,
    data_format: str,
    algorithm: str,
    keep: bool,
) -> None:
    """Check that plans could take `algorithm`, and with `keep` have them do so."""

def wisdom() -> list[Fact]: ...
def forget() -> None: ...
def isas() -> tuple[str, ...]: ...
def get_isa() -> str: ...
def set_isa(name: str | None) -> None: ...
def info() -> _Info: ...
def unary(
    function: str, kind: str, input: ArrayLike, alpha: float, beta: float, out: FloatArray | None
) -> FloatArray: ...
def binary(
    function: str, kind: str, input: ArrayLike, other: ArrayLike, activation: Activation, out: FloatArray | None
) -> FloatArray: ...
def matmul(function: str, input: ArrayLike, other: ArrayLike, out: FloatArray | None) -> FloatArray: ...
def softmax(function: str, kind: str, input: ArrayLike, axis: SupportsIndex, out: FloatArray | None) -> FloatArray: ...
def normalize(
    function: str,
    kind: str,
    input: ArrayLike,
    axis: SupportsIndex,
    groups: SupportsIndex,
    weight: ArrayLike | None,
    bias: ArrayLike | None,
    alpha: float,
    out: FloatArray | None,
) -> FloatArray: ...
def reduce(function: str, kind: str, input: ArrayLike, axis: SupportsIndex, keepdims: bool) -> FloatArray: ...
def argmax(function: str, kind: str, input: ArrayLike, axis: SupportsIndex, keepdims: bool) -> NDArray[np.int64]: ...
def top(function: str, kind: str, input: ArrayLike, n: SupportsIndex) -> tuple[FloatArray, NDArray[np.int64]]: ...
def resample(
    function: str, input: ArrayLike, axis: SupportsIndex, indices: NDArray[np.int64], weight: ArrayLike
) -> FloatArray: ...
