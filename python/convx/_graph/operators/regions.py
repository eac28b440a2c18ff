"""What detectors need: parts of maps, and boxes that do not cover each other."""

from __future__ import annotations

from math import ceil

import numpy as np

from convx._graph.graph import AnyArray, Node
from convx._graph.operators.table import Constants, Run, operator
from convx.onnx.attributes import fail

__all__: list[str] = []


@operator("RoiAlign")
def _roi_align(node: Node, opset: int, constants: Constants) -> Run:
    """Sample regions bilinearly; unless said otherwise, places are those of elements' centres since version 16."""
    given = node.attributes
    shape = given.get("output_height", 1), given.get("output_width", 1)
    count, scale, mode = given.get("sampling_ratio", 0), given.get("spatial_scale", 1.0), given.get("mode", "avg")
    default = "half_pixel" if opset >= 16 else "output_half_pixel"
    centred = given.get("coordinate_transformation_mode", default) == "half_pixel"
    if mode not in ("avg", "max"):
        fail("RoiAlign", "mode must be one of avg, max", repr(mode))

    def run(x: AnyArray, rois: AnyArray, batch: AnyArray) -> AnyArray:
        result = np.zeros((len(rois), x.shape[1], *shape), x.dtype)
        for region, (box, image) in enumerate(zip(rois, batch, strict=True)):
            x1, y1, x2, y2 = (float(edge) * scale - 0.5 * centred for edge in box)
            rows = _grid(y1, y2, shape[0], count, x.shape[2], centred)
            columns = _grid(x1, x2, shape[1], count, x.shape[3], centred)
            if rows[0].size and columns[0].size:
                result[region] = _sampled(x[image], rows, columns, shape, mode)
        return result

    return run


def _grid(start: float, end: float, bins: int, count: int, size: int, centred: bool) -> tuple[AnyArray, AnyArray]:
    """Return places and weights, (2, samples), of the samples of one axis: `count` a bin, or one an element."""
    length = end - start if centred else max(end - start, 1.0)
    each = count if count > 0 else ceil(length / bins)
    samples = bins * max(each, 0)
    where = start + (np.arange(samples) + 0.5) * (length / max(samples, 1))
    inside = (where >= -1) & (where <= size)
    where = np.clip(where, 0, size - 1)
    low = np.floor(where)
    places = np.stack([low, np.minimum(low + 1, size - 1)]).astype(np.intp)
    return places, np.stack([1 - (where - low), where - low]) * inside


def _sampled(
    x: AnyArray,
    rows: tuple[AnyArray, AnyArray],
    columns: tuple[AnyArray, AnyArray],
    shape: tuple[int, int],
    mode: str,
) -> AnyArray:
    """Average the samples of each bin; or, as ONNX has it, take the largest of all their weighted elements."""
    corners = x[:, rows[0][:, :, None, None], columns[0]]  # (C, 2, rows, 2, columns)
    corners = corners * rows[1][:, :, None, None] * columns[1]
    height, width = shape
    bins = corners.reshape(len(x), 2, height, -1, 2, width, corners.shape[4] // width)
    if mode == "max":
        result: AnyArray = bins.max((1, 3, 4, 6))
    else:
        result = bins.sum((1, 4)).mean((2, 4))
    return result.astype(x.dtype, copy=False)


@operator("NonMaxSuppression")
def _non_max_suppression(node: Node, opset: int, constants: Constants) -> Run:
    """Keep the best boxes of each class, none of which covers another too far; rows of (image, class, box)."""
    centred = node.attributes.get("center_point_box", 0)

    def run(
        boxes: AnyArray,
        scores: AnyArray,
        most: AnyArray | None = None,
        overlap: AnyArray | None = None,
        least: AnyArray | None = None,
    ) -> AnyArray:
        limit = 0 if most is None else int(np.asarray(most).item())
        threshold = 0.0 if overlap is None else float(np.asarray(overlap).item())
        kept: list[tuple[int, int, int]] = []
        for image, classes in enumerate(scores):
            corners = _corners(boxes[image], centred)
            for kind, values in enumerate(classes):
                order = np.argsort(-values, stable=True)
                if least is not None:
                    order = order[values[order] > np.asarray(least).item()]
                kept += [(image, kind, int(box)) for box in _apart(corners, order, limit, threshold)]
        return np.array(kept, np.int64).reshape(-1, 3)

    return run


def _corners(boxes: AnyArray, centred: bool) -> AnyArray:
    """Return (low, high, low, high) of each box, from two opposite corners or from centre and size."""
    if centred:
        x, y, width, height = boxes.T
        return np.stack([x - width / 2, x + width / 2, y - height / 2, y + height / 2], 1)
    low, high = np.minimum(boxes[:, :2], boxes[:, 2:]), np.maximum(boxes[:, :2], boxes[:, 2:])
    return np.stack([low[:, 1], high[:, 1], low[:, 0], high[:, 0]], 1)


def _apart(boxes: AnyArray, order: AnyArray, limit: int, threshold: float) -> list[int]:
    """Take the best box, drop those whose intersection with it is too much of their union, and so on."""
    area = (boxes[:, 1] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 2])
    kept: list[int] = []
    while len(order) and len(kept) < limit:
        best, order = order[0], order[1:]
        kept.append(best)
        one, others = boxes[best], boxes[order]
        width = np.minimum(one[1], others[:, 1]) - np.maximum(one[0], others[:, 0])
        height = np.minimum(one[3], others[:, 3]) - np.maximum(one[2], others[:, 2])
        common = np.maximum(width, 0) * np.maximum(height, 0)
        order = order[~(common > threshold * (area[best] + area[order] - common)) | (common <= 0)]
    return kept
