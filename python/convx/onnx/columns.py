"""Col2Im."""

from __future__ import annotations

from numpy.typing import ArrayLike

import convx
from convx.onnx.attributes import AnyArray, Attribute, as_array, fail, integers, speaking_onnx, window

__all__ = ["Col2Im"]


def Col2Im(
    input: ArrayLike,
    image_shape: ArrayLike,
    block_shape: ArrayLike,
    *,
    dilations: Attribute = None,
    pads: Attribute = None,
    strides: Attribute = None,
) -> AnyArray:
    """Sum columns of blocks back into an image.

    Parameters
    ----------
    input : array_like, shape (N, C * block elements, L)
        Columns of float16, bfloat16, float32 or float64.
    image_shape : array_like of int
        Spatial shape of the image, of one to three axes.
    block_shape : array_like of int
        Shape of a block before dilation.
    dilations, strides : sequence of int, optional
        One per spatial axis; 1 where not present.
    pads : sequence of int, optional
        Of the image: all beginnings, then all ends; 0 where not present.

    Returns
    -------
    ndarray, shape (N, C, *image_shape)
        Elements that several blocks hold are added.

    Raises
    ------
    TypeError
        If an array is of another type.
    ValueError
        If an attribute or a shape breaks a rule; the message names it.

    See Also
    --------
    convx.fold : The same with torch's arguments.

    References
    ----------
    ONNX operator Col2Im, version 18.

    Examples
    --------
    >>> import numpy as np
    >>> from convx import onnx
    >>> onnx.Col2Im(np.ones((1, 4, 4)), [3, 3], [2, 2])
    array([[[[1., 2., 1.],
             [2., 4., 2.],
             [1., 2., 1.]]]])
    """
    columns = as_array("Col2Im", "input", input)
    if columns.ndim != 3:
        fail("Col2Im", "input must have 3 axes (N, C * block elements, L)", f"shape {columns.shape}")
    image = as_array("Col2Im", "image_shape", image_shape)
    block = as_array("Col2Im", "block_shape", block_shape)
    if image.ndim != 1 or not 1 <= len(image) <= 3:
        fail("Col2Im", "image_shape must hold 1 to 3 ints", image.tolist())
    if block.shape != image.shape:
        fail("Col2Im", f"block_shape must hold {len(image)} ints, as image_shape does", block.tolist())
    sizes = integers("Col2Im", "image_shape", image.tolist(), len(image), 1, 1)
    kernel = integers("Col2Im", "block_shape", block.tolist(), len(image), 1, 1)
    w = window("Col2Im", kernel, "NOTSET", dilations, pads, strides)
    with speaking_onnx("Col2Im", input="input", output_size="image_shape", kernel="block_shape"):
        return convx.fold(columns, sizes, w.kernel, w.dilation, w.padding, w.stride)
