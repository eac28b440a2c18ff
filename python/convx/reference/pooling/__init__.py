"""Pooling: each window of each map reduced to one number; and maxout, which pools across maps."""

from convx.reference.pooling.avg import avg_pool1d, avg_pool2d, avg_pool3d
from convx.reference.pooling.backward import (
    avg_pool1d_backward,
    avg_pool2d_backward,
    avg_pool3d_backward,
    max_pool1d_backward,
    max_pool2d_backward,
    max_pool3d_backward,
)
from convx.reference.pooling.max import max_pool1d, max_pool2d, max_pool3d
from convx.reference.pooling.maxout import maxout

__all__ = [
    "avg_pool1d",
    "avg_pool1d_backward",
    "avg_pool2d",
    "avg_pool2d_backward",
    "avg_pool3d",
    "avg_pool3d_backward",
    "max_pool1d",
    "max_pool1d_backward",
    "max_pool2d",
    "max_pool2d_backward",
    "max_pool3d",
    "max_pool3d_backward",
    "maxout",
]
