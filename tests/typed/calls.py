"""What mypy says of calls: dtypes of results, and errors that have to be found. Checked by `nox -s types`, never run.

An error that mypy no longer finds leaves an unused ignore, which is an error too.
"""

from typing import Any, assert_type

import convx
import numpy as np
from convx import conv2d, max_pool2d
from numpy.typing import NDArray

AnyConv = NDArray[np.float16 | np.float32 | np.float64 | np.int32 | np.int64]
AnyFloat = NDArray[np.float16 | np.float32 | np.float64]


def calls(
    x16: NDArray[np.float16],
    x32: NDArray[np.float32],
    x64: NDArray[np.float64],
    x8: NDArray[np.int8],
    indices: NDArray[np.int64],
    name: str,
) -> None:
    # One dtype in, the same out; of several, one of them.
    assert_type(convx.conv1d(x16, x16), NDArray[np.float16])
    assert_type(convx.conv2d(x32, x32, x32, padding="same", activation=("clamp", 0.0, 1.0)), NDArray[np.float32])
    assert_type(convx.conv3d(x64, x64, out=x64), NDArray[np.float64])
    assert_type(conv2d(x32, x64), AnyConv)
    assert_type(convx.conv2d(x8, x8), AnyConv)
    assert_type(convx.conv2d([[[1.0]]], x32), AnyConv)
    assert_type(convx.conv2d_input((1, 2, 3, 4), x32, x32), NDArray[np.float32])
    assert_type(convx.conv2d_weight(x32, (1, 2, 3, 4), x32, algorithm="narrow"), NDArray[np.float32])
    assert_type(convx.conv2d_bias(x64), NDArray[np.float64])
    assert_type(convx.conv_transpose2d(x32, x32, output_size=(3, 4)), NDArray[np.float32])
    assert_type(convx.deform_conv2d(x32, x32, x32), NDArray[np.float32])
    assert_type(convx.deform_conv2d(x32, x64, x32), AnyFloat)
    assert_type(convx.avg_pool2d(x32, 2), NDArray[np.float32])
    assert_type(convx.lp_pool3d(x16, 2, 2), NDArray[np.float16])
    assert_type(convx.adaptive_avg_pool2d(x32, (2, None)), NDArray[np.float32])
    assert_type(convx.global_lp_pool(x64), NDArray[np.float64])
    assert_type(convx.unfold(x32, 3), NDArray[np.float32])
    assert_type(convx.max_pool2d_backward(x32, indices, (1, 2, 3)), NDArray[np.float32])
    assert_type(max_pool2d(x8, 2), NDArray[np.int8])
    assert_type(convx.max_pool2d(x32, 2, return_indices=True), tuple[NDArray[np.float32], NDArray[np.int64]])
    assert_type(convx.max_pool2d([[1]], 2, return_indices=True), tuple[NDArray[Any], NDArray[np.int64]])
    assert_type(convx.adaptive_max_pool2d(x32, 2, True), tuple[NDArray[np.float32], NDArray[np.int64]])
    assert_type(convx.max_unpool2d(x8, indices, 2), NDArray[np.int8])
    assert_type(convx.maxout(x8, 2), NDArray[np.int8])
    assert_type(convx.reference.conv2d(x32, x32), AnyConv)
    assert_type(convx.Conv2d(x32, algorithm=convx.Conv2d(x32).algorithm_for((1, 2, 3, 4)))(x32), AnyConv)

    # Names that there are not.
    convx.conv2d(x32, x32, padding="sam")  # type: ignore[arg-type]
    convx.conv2d(x32, x32, padding=name)  # type: ignore[arg-type]
    convx.conv2d(x32, x32, padding_mode="mirror")  # type: ignore[call-overload]
    convx.conv2d(x32, x32, data_format="NHWC")  # type: ignore[call-overload]
    convx.conv2d(x32, x32, activation="rel")  # type: ignore[call-overload]
    convx.conv2d(x32, x32, activation=("clamp", 1.0))  # type: ignore[arg-type]
    convx.conv2d(x32, x32, algorithm="winogrand")  # type: ignore[call-overload]
    convx.conv2d_weight(x32, (1, 2, 3, 4), x32, algorithm="depthwise")  # type: ignore[call-overload]
    convx.avg_pool2d(x32, 2, padding="sam")  # type: ignore[arg-type]
    convx.Conv2d(x32, padding="sam")  # type: ignore[arg-type]
    convx.ConvTranspose2d(x32, algorithm="winogrand")  # type: ignore[arg-type]
    convx.reference.conv2d(x32, x32, padding="sam")  # type: ignore[arg-type]
    convx.onnx.Conv(x32, x32, auto_pad="SAME")  # type: ignore[arg-type]

    # Arguments that there are not, what tells a definition its rank among them.
    convx.conv2d(x32, x32, group=2)  # type: ignore[call-overload]
    convx.conv2d(x32, x32, _rank=2)  # type: ignore[call-overload]
    convx.conv4d(x32, x32)  # type: ignore[attr-defined]


def tuning(x32: NDArray[np.float32]) -> None:
    plan = convx.Conv2d(x32)
    found = plan.tune((1, 2, 3, 4), seconds=0.1)
    assert_type(found.overruled, bool)
    assert_type(found.seconds[found.model], float)
    convx.Conv2d(x32, algorithm=found.algorithm)
    assert_type(convx.load_wisdom(b"wisdom.json"), int)
    assert_type(convx.get_wisdom()[0]["input_shape"], tuple[int, ...])

    plan.tune((1, 2, 3, 4), 0.1)  # type: ignore[call-arg]
    plan.tune(3)  # type: ignore[arg-type]
    convx.save_wisdom(3)  # type: ignore[arg-type]
    convx.get_wisdom()[0]["speed"]  # type: ignore[typeddict-item]


def explaining(x32: NDArray[np.float32]) -> None:
    layer = convx.explain(convx.conv2d, (1, 2, 3, 4), weight=(2, 2, 3, 3), padding=1)
    assert_type(layer.counts.macs, int)
    assert_type(convx.explain(convx.Conv2d(x32), (1, 2, 3, 4)).roofline.seconds, float)
    assert_type(convx.explain(convx.networks.NAMED_CONVOLUTIONS["vgg-3.2"]).name, str)
    for network in (convx.explain(convx.networks.VGG16), convx.explain([convx.Conv2d(x32)], (1, 2, 3, 4))):
        assert_type(network.parameters, int)
        assert_type(network.layers[0].to_dict(), dict[str, Any])
    assert_type(convx.explain("model.onnx").passed_over, dict[str, int])

    convx.explain(3)  # type: ignore[call-overload]
    convx.explain(convx.networks.VGG16, padding=1)  # type: ignore[call-overload]
