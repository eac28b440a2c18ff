"""Pooling: per map over one, two and three spatial axes, and across maps. One idea to a file."""

from convx.pooling.avg import avg_pool1d, avg_pool2d, avg_pool3d
from convx.pooling.backward import (
    avg_pool1d_backward,
    avg_pool2d_backward,
    avg_pool3d_backward,
    max_pool1d_backward,
    max_pool2d_backward,
    max_pool3d_backward,
)
from convx.pooling.max import max_pool1d, max_pool2d, max_pool3d
from convx.pooling.maxout import maxout

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
