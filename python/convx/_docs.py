"""Parameter texts that many docstrings share, written once and filled in at import.

A docstring names them as ``$stride``; the texts in turn name the words of their rank, such as ``$space`` for "H, W".
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import cleandoc
from string import Template
from typing import Any, TypeVar

__all__ = ["document"]

_Documented = TypeVar("_Documented", bound=Callable[..., Any])

_WORDS = {
    1: {"rank": "1", "space": "W", "taps": "kW", "out_space": "Wout"},
    2: {"rank": "2", "space": "H, W", "taps": "kH, kW", "out_space": "Hout, Wout"},
    3: {"rank": "3", "space": "D, H, W", "taps": "kD, kH, kW", "out_space": "Dout, Hout, Wout"},
}

_TEXTS = {
    # Arrays.
    "conv_input": """
        input : array_like, shape (N, Cin, $space) or (Cin, $space)
            Images of ``Cin`` maps, float16, bfloat16, float32, float64, or integers, of any strides. Without ``N`` the
            result has none either. Tensors that NumPy can read in place, by ``__array__`` or DLPack, are not
            copied.""",
    "pool_input": """
        input : array_like, shape (N, C, $space) or (C, $space)
            Images of ``C`` maps, float16, bfloat16, float32 or float64, of any strides. Without ``N`` the result has
            none either. Tensors that NumPy can read in place, by ``__array__`` or DLPack, are not copied.""",
    "weight": """
        weight : array_like, shape (Cout, Cin // groups, $taps)
            The filters, of the same dtypes: integers with integers. They are not flipped.""",
    "bias": """
        bias : array_like, shape (Cout,), optional
            Added to every element of an output map.""",
    "out": """
        out : ndarray, optional
            Where to write the result, of exactly its shape and dtype; any strides. May overlap the other arrays.""",
    # Geometry. All lengths are counted in elements of the input.
    "kernel_size": """
        kernel_size : int or sequence of int
            Taps of the window: one number for every axis, or one per axis.""",
    "stride": """
        stride : int or sequence of int, default 1
            Input elements from one window to the next: one number for every axis, or one per axis.""",
    "pool_stride": """
        stride : int or sequence of int, optional
            Input elements from one window to the next: one number for every axis, or one per axis.
            By default, and for None, that of `kernel_size`; an empty sequence is refused.""",
    "dilation": """
        dilation : int or sequence of int, default 1
            Input elements from one tap to the next: one number for every axis, or one per axis.""",
    "conv_padding": """
        padding : int, sequence of int, sequence of (lo, hi), or str, default 0
            Padding before and after each axis, zeros unless a `padding_mode` says otherwise: one number for all, one
            per axis, one pair (before, after) per axis, or

            - ``'valid'``: none;
            - ``'same'``: as many as ``ceil(in / stride)`` outputs need, the odd one at the end;
            - ``'same_lower'``: the same, the odd one at the beginning;
            - ``'causal'``: ``dilation * (kernel - 1)``, all at the beginning.

            Zeros are multiplied like any element: an infinite weight over the padding gives NaN.""",
    "pool_padding": """
        padding : int, sequence of int, sequence of (lo, hi), or str, default 0
            $pad_elements before and after each axis: one number for all, one per axis, one pair (before, after) per
            axis, each at most half of the dilated kernel, or

            - ``'valid'``: none;
            - ``'same'``: as many as ``ceil(in / stride)`` outputs need, the odd one at the end;
            - ``'same_lower'``: the same, the odd one at the beginning;
            - ``'causal'``: ``dilation * (kernel - 1)``, all at the beginning.""",
    "unfold_padding": """
        padding : int, sequence of int, sequence of (lo, hi), or str, default 0
            $pad_elements before and after each axis of the image: one number for all, one per axis, one pair
            (before, after) per axis, or

            - ``'valid'``: none;
            - ``'same'``: as many as ``ceil(in / stride)`` positions need, the odd one at the end;
            - ``'same_lower'``: the same, the odd one at the beginning;
            - ``'causal'``: ``dilation * (kernel - 1)``, all at the beginning.""",
    "columns_format": """
        data_format : 'channels_first' or 'channels_last', default 'channels_first'
            ``'channels_last'`` for images (N, [[D,] H,] W, C) and columns (N, L, C * kernel elements).""",
    "unfold_size": """
        L is the product over the axes of::

            floor((in + lo + hi - dilation * (kernel - 1) - 1) / stride) + 1""",
    "ceil_mode": """
        ceil_mode : bool, default False
            Also take a last window that reaches beyond the padded input, if it starts before the high padding.""",
    "padding_mode": """
        padding_mode : str, default 'zeros'
            What the padding holds: ``'zeros'``; ``'reflect'``, the input mirrored at its outermost elements;
            ``'symmetric'``, mirrored at its edges, so that those elements come twice; ``'replicate'`` or ``'edge'``,
            the outermost element; ``'circular'`` or ``'wrap'``, the input from its other end. As :func:`numpy.pad`,
            for any width of padding.""",
    "data_format": """
        data_format : 'channels_first' or 'channels_last', default 'channels_first'
            Whether the axis of maps comes before the spatial axes, as written here, or is the last axis of `input`
            and of the result: ``(N, $space, C)``. The weight is the same for both.""",
    # Convolution only.
    "groups": """
        groups : int, default 1
            Splits the maps into groups that do not see each other: output map ``k`` reads only the ``Cin // groups``
            input maps of its group. ``groups=Cin`` is the depthwise convolution.""",
    "activation": """
        activation : None, 'relu', 'relu6', ('leaky_relu', slope) or ('clamp', lo, hi), default None
            Applied once to each output, after the bias and the sum over all maps. NaN stays NaN.""",
    "algorithm": """
        algorithm : str, default 'auto'
            ``'auto'`` chooses by shape; ``'direct'`` (blocked direct convolution), ``'im2col'`` (im2col and GEMM) and
            ``'reference'`` (plain loops, accumulated in double) accept every shape.""",
    "plan_attributes": """
        weight_shape, stride, dilation : tuple of int
        padding : tuple of (lo, hi), or str
        groups : int
        padding_mode, data_format, activation, algorithm
            As given; ``'auto'`` stays ``'auto'``. `padding_mode` by torch's name.
        dtype : numpy.dtype
            To which weight and bias were promoted; for integers, that of the sums of inputs as wide as the weight.""",
    "conv_returns": """
        ndarray, shape (N, Cout, $out_space) or (Cout, $out_space)
            `out` if given, else a new array of the dtype to which NumPy promotes the arrays. float16 and bfloat16 are
            computed in float32 and rounded once; integers see below.""",
    "conv_raises": """
        TypeError
            If an array is masked or of another dtype, if `out` is not an ndarray of the result's dtype, or if another
            argument is of the wrong type (``2.5``, ``"3"`` or ``True`` for an int).
        ValueError
            If shapes do not fit each other, a size is zero (an empty batch is allowed), a number is out of range, a
            name is unknown, or an output size would be less than 1. The message names argument, rule and value.""",
    "conv_formula": """
        With g the group of output map k, each output is one sum over the maps of that group and all taps::

            y[n, k, p] = activation(bias[k] + sum over c, r of
                                    weight[k, c, r] * input[n, g * (Cin // groups) + c, p * stride + r * dilation - lo])

        where p and r stand for one index per spatial axis. Along each axis::

            out = floor((in + lo + hi - dilation * (kernel - 1) - 1) / stride) + 1""",
    # Deformable convolution only; $rank axes.
    "deform_offset": """
        offset : array_like, shape (N, offset groups * kernel elements * $rank, $out_space), N as in `input`
            How far each tap is moved, in elements of the input: for each group of ``Cin // offset groups`` maps, each
            tap and each axis, one number per output. The number of groups follows from the shape.""",
    "deform_weight": """
        weight : array_like, shape (Cout, Cin // groups, $taps)
            The filters, not flipped. The number of groups follows from the shape.""",
    "deform_mask": """
        mask : array_like, shape (N, offset groups * kernel elements, $out_space), optional
            What each tap reads is multiplied by this. A tap whose mask is 0 does not count, whatever it reads.""",
    "deform_formula": """
        With g and h the group and the offset group of the map, t the tap, p the output, each one index per axis::

            place    = p * stride - lo + t * dilation + offset[n, (h, t), p]
            y[n, k, p] = bias[k] + sum over c, t of weight[k, c, t] * mask[n, (h, t), p] * input[n, (g, c)] at place

        where ``at`` interpolates linearly between the ``2**$rank`` elements around a place. Elements outside of the
        input are 0; one whose share is 0 does not count even if it is infinite. A place that is NaN reads NaN.""",
    "deform_references": """
        J. Dai et al., "Deformable Convolutional Networks", 2017, arXiv:1703.06211; with a mask: X. Zhu et al.,
        "Deformable ConvNets v2", 2018, arXiv:1811.11168.
        Names, order and layout: ``torchvision.ops.deform_conv2d``.""",
    # Transposed convolution only.
    "transposed_weight": """
        weight : array_like, shape (Cin, Cout // groups, $taps)
            What each element of an input map is spread with, of the same dtypes; not flipped. As the weight of the
            convolution that is transposed.""",
    "transposed_stride": """
        stride : int or sequence of int, default 1
            Output elements from what one input element is spread over to the next: one number for every axis, or one
            per axis.""",
    "transposed_dilation": """
        dilation : int or sequence of int, default 1
            Output elements from one tap to the next: one number for every axis, or one per axis.""",
    "transposed_padding": """
        padding : int, sequence of int, sequence of (lo, hi), or str, default 0
            Output elements cut off before and after each axis, of any number: one for all, one per axis, one pair
            (before, after) per axis, or

            - ``'valid'``: none;
            - ``'same'``: as many as leave ``in * stride`` outputs, the odd one at the end;
            - ``'same_lower'``: the same, the odd one at the beginning;
            - ``'causal'``: the same, all at the end: output ``o`` sees no input behind ``o // stride``.

            With the last three, where the kernel is shorter than the stride, outputs without a tap are added at the
            end.""",
    "output_padding": """
        output_padding : int or sequence of int, default 0
            Outputs added at the end of each axis, less than its stride or its dilation: one number for every axis, or
            one per axis. Not with `output_size`, nor with a padding that names the size.""",
    "output_size": """
        output_size : int or sequence of int, optional
            Spatial sizes of the output, each as `output_padding` could make it: one number for every axis, or one per
            axis. Not with a padding that names the size.""",
    "transposed_groups": """
        groups : int, default 1
            Splits the maps into groups that do not see each other: output map ``k`` reads only the ``Cin // groups``
            input maps of its group. ``groups=Cin`` with ``Cout // groups = 1`` spreads each map by itself.""",
    "transposed_algorithm": """
        algorithm : str, default 'auto'
            Outputs `stride` apart form a phase, which is an ordinary convolution with stride 1 and every stride-th tap
            (where the dilation is 1). ``'auto'`` chooses by its shape; ``'direct'``, ``'im2col'``, ``'narrow'`` and
            ``'reference'`` accept every phase, ``'winograd'`` and ``'depthwise'`` those that they are made for.""",
    "transposed_attributes": """
        weight_shape, stride, output_padding, dilation : tuple of int
        padding : tuple of (lo, hi), or str
        output_size : tuple of int, or None
        groups : int
        data_format, activation, algorithm
            As given; ``'auto'`` stays ``'auto'``.
        dtype : numpy.dtype
            To which weight and bias were promoted.""",
    "transposed_formula": """
        With g the group of output map k, each output is one sum over the maps of that group and those taps that the
        stride lets reach it::

            y[n, k, o] = activation(bias[k] + sum over c, r of
                                    weight[g * (Cin // groups) + c, k, r] * input[n, g * (Cin // groups) + c, i])

        where ``i = (o + lo - r * dilation) / stride`` has to be whole; o, r and i stand for one index per spatial axis,
        and k in the weight counts within the group. Input elements beyond the edges are zeros, which are multiplied
        like any element. Along each axis::

            out = (in - 1) * stride - lo - hi + dilation * (kernel - 1) + 1 + output_padding""",
    # Gradients of convolutions.
    "input_size": """
        input_size : sequence of int
            Shape of the input of the convolution, (N, Cin, $space) or (Cin, $space).""",
    "grad_output": """
        grad_output : array_like, shape (N, Cout, $out_space) or (Cout, $out_space)
            Gradient with respect to the output of the convolution, of exactly its shape; float16, bfloat16, float32 or
            float64, of any strides.""",
    "input_gradient_returns": """
        ndarray, shape `input_size`
            `out` if given, else a new array of the dtype to which NumPy promotes the arrays. float16 and bfloat16 are
            computed in float32 and rounded once.""",
    "input_gradient_formula": """
        With conv the convolution of these parameters and without bias, the result g is what makes::

            sum(conv(x) * grad_output) == sum(x * g)

        for every x of shape `input_size`. It is the transposed convolution of `grad_output`: each element is spread
        over the inputs that its window saw. Inputs that no window saw are 0.""",
    # Pooling only.
    "count_include_pad": """
        count_include_pad : bool, default True
            Whether padded zeros count in the divisor. What `ceil_mode` adds beyond the padding never counts.""",
    "divisor_override": """
        divisor_override : int, optional
            Divide by this number instead of the number of elements. Not 0.""",
    "pool_returns": """
        ndarray, shape (N, C, $out_space) or (C, $out_space)
            `out` if given, else a new array of the dtype of `input`.""",
    "pool_raises": """
        TypeError
            If `input` is masked or of another dtype, if `out` is not an ndarray of that dtype, or if another argument
            is of the wrong type (``2.5``, ``"3"`` or ``True`` for an int).
        ValueError
            If a size is zero (an empty batch is allowed), a number is out of range, a name is unknown, or an output
            size would be less than 1. The message names argument, rule and value.""",
    "number_input": """
        input : array_like, shape (N, C, $space) or (C, $space)
            Images of ``C`` maps: float16, bfloat16, float32, float64, integers or bool, of any strides. Without ``N``
            the result has none either.""",
    "return_indices": """
        return_indices : bool, default False
            Also return where each of them lies.""",
    "max_out": """
        out : ndarray, or tuple of two, optional
            Where to write the result, of exactly its shape and dtype; any strides. With `return_indices` a tuple of
            arrays for the values and for the indices. May overlap `input`.""",
    "max_returns": """
        ndarray, shape (N, C, $out_space) or (C, $out_space)
            `out` if given, else a new array of the dtype of `input`. With `return_indices` a tuple of it and of an
            int64 array of its shape: where each element lies in its map, counted row by row.""",
    "max_notes": """
        A window that holds a NaN gives NaN; one without any real element gives -inf or the least value of an integer
        type. The index is that of the first of equal elements in the order of the window, but of the last NaN, as in
        torch. A window without any real element has index -1, where torch gives one outside of the map.""",
    "max_raises": """
        TypeError
            If `input` is masked or of another dtype, if `out` is not an ndarray (with `return_indices` a tuple of
            two) of the result's dtype, or if another argument is of the wrong type (``2.5``, ``"3"`` or ``True`` for
            an int).
        ValueError
            If a size is zero (an empty batch is allowed), a number is out of range, a name is unknown, or an output
            size would be less than 1. The message names argument, rule and value.""",
    "norm_type": """
        norm_type : float
            The p of the norm, > 0; ``inf`` is the largest absolute value. 1, 2 and ``inf`` are the fast ones.""",
    "lp_formula": """
        With x the real elements of a window, each output is (sum of |x|^p)^(1/p): padding and what `ceil_mode` adds
        count as zeros. torch multiplies the norm of a window that `ceil_mode` clipped by the share that it lost, to
        the power 1/p, and takes x^p for |x|^p. The sum is taken in the arithmetic's dtype without scaling: it
        overflows to inf where |x|^p does, and small elements may vanish.""",
    "lp_raises": """
        TypeError
            If `input` is masked or of another dtype, if `out` is not an ndarray of that dtype, or if another argument
            is of the wrong type (``"3"`` or ``True`` for a number).
        ValueError
            If `norm_type` is not > 0, a size is zero (an empty batch is allowed), a number is out of range, a name is
            unknown, or an output size would be less than 1. The message names argument, rule and value.""",
    "adaptive_size": """
        output_size : int, None, or sequence of them
            Outputs along each axis: one number for every axis, or one per axis; ``None`` keeps the size of the input.
            May be larger than the input.""",
    "adaptive_returns": """
        ndarray, shape (N, C, $out_space) or (C, $out_space)
            `out` if given, else a new array of the dtype of `input`.""",
    "adaptive_windows": """
        Along each axis, output i sees the elements from ``floor(i * in / out)`` to ``ceil((i + 1) * in / out)``, the
        latter excluded; neighbours may overlap.""",
    "adaptive_references": """
        Names and windows: ``torch.nn.functional``.""",
    "global_input": """
        input : array_like, shape (N, C, [[D,] H,] W)
            Images of ``C`` maps, float16, bfloat16, float32 or float64, of any strides.""",
    "global_number_input": """
        input : array_like, shape (N, C, [[D,] H,] W)
            Images of ``C`` maps: float16, bfloat16, float32, float64, integers or bool, of any strides.""",
    "global_norm": """
        norm_type : float, default 2
            The p of the norm, > 0; ``inf`` is the largest absolute value.""",
    "keepdims": """
        keepdims : bool, default True
            Whether the spatial axes stay, with size 1.""",
    "global_format": """
        data_format : 'channels_first' or 'channels_last', default 'channels_first'
            Whether the axis of maps comes before the spatial axes or is the last one.""",
    "global_returns": """
        ndarray, shape (N, C, 1, ...) or, without `keepdims`, (N, C)
            `out` if given, else a new array of the dtype of `input`.""",
    "unpool_indices": """
        indices : array_like, int64, of the shape of `input`
            Where each element belongs in its map, counted row by row.""",
    "unpool_padding": """
        padding : int, sequence of int, or sequence of (lo, hi), default 0
            $pad_elements before and after each axis: one number for all, one per axis, or one pair per axis.""",
    "unpool_size": """
        output_size : int or sequence of int, optional
            Spatial size of the result, one per axis or a whole shape; less than a stride off the usual
            ``(in - 1) * stride + kernel - lo - hi``.""",
    "unpool_formula": """
        ``y[n, c].flat[indices[n, c, p]] = input[n, c, p]`` for all positions p, one after the other, so that of
        elements with the same index the last one stays, for any number of threads.""",
    "unpool_raises": """
        TypeError
            If `input` is masked or of another dtype, if `indices` is not int64, if `out` is not an ndarray of the
            dtype of `input`, or if another argument is of the wrong type.
        ValueError
            If an index lies outside of its map, if shapes do not fit each other, a size is zero (an empty batch is
            allowed) or a number is out of range. The message names argument, rule and value.""",
    "pool_size": """
        Along each axis::

            out = floor((in + lo + hi - dilation * (kernel - 1) - 1) / stride) + 1

        With `ceil_mode` the division rounds up, and the last window is dropped if it starts in the high padding.""",
    "reference_returns": """
        ndarray
            Of the shape and dtype that the function of :mod:`convx` gives; summed in float64 and rounded once.""",
    # Integers only.
    "conv_integers": """
        Integers, any of int8, uint8, int16, uint16, int32, uint32 and int64, are summed exactly: into int32 where
        `input` and `weight` have 8 bits, else into int64; `bias` may be of any of these dtypes if its values fit. Sums
        are taken modulo 2**32 or 2**64, as two's complement. With 8 bits, none can wrap with fewer than 33026 terms
        (131071 of int8 alone); with 16 bits, none with fewer than 2**31. The activation is None, ``'relu'``,
        ``'relu6'`` or ``'clamp'`` with whole or infinite bounds, the algorithm ``'auto'``, ``'direct'``, ``'narrow'``
        or ``'reference'``; all of them give the same numbers.""",
    "quantized_x": """
        x : array_like, shape (N, Cin, ...) or (Cin, ...)
            Images of ``Cin`` maps, int8 or uint8, of any strides. Without ``N`` the result has none either.""",
    "quantized_w": """
        w : array_like, shape (Cout, Cin // groups, ...)
            The filters, int8 or uint8, with one to three axes of taps; their number is that of the spatial axes.""",
    "x_zero_point": """
        x_zero_point : int
            The element of `x` that stands for zero.""",
    "w_zero_point": """
        w_zero_point : int or array_like, shape (Cout,)
            The element of `w` that stands for zero, one for all or one for each output map.""",
    "x_scale": """
        x_scale : float
            What a step of 1 in `x` stands for; taken as float32, as are the other scales.""",
    "w_scale": """
        w_scale : float or array_like, shape (Cout,)
            What a step of 1 in `w` stands for, one for all or one for each output map.""",
    "y_scale": """
        y_scale : float
            What a step of 1 in the result stands for.""",
    "y_zero_point": """
        y_zero_point : numpy.int8 or numpy.uint8
            The element of the result that stands for zero. Its dtype is that of the result.""",
    "quantized_bias": """
        bias : array_like, shape (Cout,), optional
            Integers that fit int32, added to the sums: a step of 1 stands for ``x_scale * w_scale``.""",
    "quantized_padding": """
        padding : int, sequence of int, sequence of (lo, hi), or str, default 0
            Elements of `x_zero_point` before and after each axis: one number for all, one per axis, one pair
            (before, after) per axis, or ``'valid'``, ``'same'``, ``'same_lower'`` or ``'causal'`` as in
            :func:`convx.conv2d`.""",
    "quantized_raises": """
        TypeError
            If `x` or `w` is neither int8 nor uint8, if a zero point is no integer or a scale no number, if `out` is not
            an ndarray of the result's dtype, or if another argument is of the wrong type.
        ValueError
            If shapes do not fit each other, a size is zero (an empty batch is allowed), a zero point is no number of
            its array's dtype, a scale is not positive and finite, a number is out of range, a name is unknown, or an
            output size would be less than 1. The message names argument, rule and value.""",
    "requantization": """
        With sums as in :func:`conv_integer`, to which the bias is added, every step in float32::

            multiplier = x_scale * w_scale / y_scale
            y = saturate(round((sum + bias) * multiplier) + y_zero_point)

        The product is rounded to the nearest integer, halves to even, and the result saturates at the ends of its
        dtype. :func:`convx.reference.qlinear_conv` gives the same bits.""",
    # Gradients only.
    "conv_grad_output": """
        grad_output : array_like, shape (N, Cout, $out_space) or (Cout, $out_space)
            The gradient with respect to the convolution's output; of the same dtypes, of any strides.""",
    "weight_size": """
        weight_size : sequence of int
            The shape of the weight, ``(Cout, Cin // groups, $taps)``.""",
    "gradient_algorithm": """
        algorithm : str, default 'auto'
            ``'auto'`` chooses by shape; ``'im2col'`` (a GEMM over the outputs), ``'narrow'`` (sums along rows, for few
            channels in a group) and ``'reference'`` (plain loops, accumulated in double) accept every shape;
            ``'winograd'`` takes 3x3 kernels of stride and dilation 1. See :func:`set_winograd`.""",
    "weight_gradient_returns": """
        ndarray, shape (Cout, Cin // groups, $taps)
            `out` if given, else a new array of the dtype to which NumPy promotes the arrays. float16 and bfloat16 are
            computed in float32 and rounded once. An empty batch gives zeros.""",
    "weight_gradient_formula": """
        With g the group of output map k, each element is one sum over the batch and all outputs::

            dw[k, c, r] = sum over n, p of
                              grad_output[n, k, p] * input[n, g * (Cin // groups) + c, p * stride + r * dilation - lo]

        where p and r stand for one index per spatial axis. The bits do not depend on the number of threads. With T
        products in a sum, the error stays below ``4 * eps * T * max|input| * max|grad_output|``, where Winograd's
        algorithm was used below ``16 * eps * T * max|input| * max|grad_output|``. ``'auto'`` takes that for finite
        float32 arrays alone and 4 million operations or more.""",
    "gradient_raises": """
        TypeError
            If an array is masked or of another dtype, if `out` is not an ndarray of the result's dtype, or if another
            argument is of the wrong type (``2.5``, ``"3"`` or ``True`` for an int).
        ValueError
            If shapes do not fit each other, a size is zero (an empty batch is allowed) or negative, a number is out of
            range, or a name is unknown. The message names argument, rule and value.""",
    "gradient_references": """
        Names, order and defaults: ``torch.nn.grad``.""",
    "pool_grad_output": """
        grad_output : array_like, shape (N, C, $out_space) or (C, $out_space)
            The gradient with respect to the output: float16, bfloat16, float32 or float64, of any strides.""",
    "pool_indices": """
        indices : array_like of int64, of the shape of `grad_output`
            Where in its plane of the input (one map of one image) each maximum was found, counted row by row.""",
    "pool_input_size": """
        input_size : sequence of int
            The shape of the pooling's input, ``(N, C, $space)`` or ``(C, $space)``; ordered by `data_format`.""",
    "pool_gradient_returns": """
        ndarray, shape (N, C, $space) or (C, $space)
            `out` if given, else a new array of the dtype of `grad_output`; float16 and bfloat16 are summed in float32
            and rounded once.""",
    # Sources.
    "references": """
        V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", 2016, arXiv:1603.07285.
        Names and defaults: ``torch.nn.functional``.""",
}


def document(rank: int, **words: str) -> Callable[[_Documented], _Documented]:
    """Fill the shared texts into the docstring of a function or class for `rank` spatial axes."""
    words = {**_WORDS[rank], **words}
    texts = {name: Template(cleandoc(text)).safe_substitute(words) for name, text in _TEXTS.items()}

    def fill(target: _Documented) -> _Documented:
        if target.__doc__ is not None:  # python -OO strips docstrings
            target.__doc__ = Template(cleandoc(target.__doc__)).substitute(words, **texts)
        return target

    return fill
