"""A picture with edges, gradients and textures in it, ray-traced with NumPy: three balls on a chequered floor."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["render"]

Array = NDArray[np.float64]

_LIGHT = np.array([-0.55, 0.75, -0.45]) / np.linalg.norm([-0.55, 0.75, -0.45])
_EYE = np.array([0.0, 1.15, -4.4])
_FINE = 3  # rays per pixel and axis, averaged


class _Ball(NamedTuple):
    centre: tuple[float, float, float]
    radius: float
    surface: str
    mirror: float


_BALLS = (
    _Ball((0.05, 1.0, 0.6), 1.0, "plain", 0.75),
    _Ball((-1.3, 0.62, -0.2), 0.62, "stripes", 0.05),
    _Ball((1.2, 0.55, -0.45), 0.55, "speckles", 0.05),
)


def render(size: int) -> NDArray[np.float32]:
    """Return the picture, `size` x `size`, with values from 0 (black) to 1 (white)."""
    fine = _FINE * size
    axis = (np.arange(fine) + 0.5) / fine * 2 - 1
    right, down = np.meshgrid(axis, axis)
    rays = _unit(np.stack([right, -down - 0.2, np.full_like(right, 2.05)], axis=-1)).reshape(-1, 3)
    shades = _trace(np.broadcast_to(_EYE, rays.shape), rays, bounces=2)
    blocks = shades.reshape(size, _FINE, size, _FINE)
    return np.asarray(np.clip(blocks.mean(axis=(1, 3)), 0.0, 1.0), np.float32)


def _unit(vectors: Array) -> Array:
    lengths: Array = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / lengths


def _trace(origin: Array, ray: Array, bounces: int) -> Array:
    """Brightness seen from each origin along each ray."""
    shade = _sky(ray)
    nearest = np.full(len(ray), np.inf)
    floor = np.divide(-origin[:, 1], ray[:, 1], out=np.full(len(ray), np.inf), where=ray[:, 1] < -1e-6)
    hit = floor < nearest
    nearest[hit] = floor[hit]
    shade[hit] = _floor(origin[hit] + floor[hit, None] * ray[hit], floor[hit])
    for ball in _BALLS:
        distance = _distance(origin, ray, ball)
        hit = distance < nearest
        if hit.any():
            nearest[hit] = distance[hit]
            shade[hit] = _ball(ball, origin[hit] + distance[hit, None] * ray[hit], ray[hit], bounces)
    return shade


def _distance(origin: Array, ray: Array, ball: _Ball) -> Array:
    """How far along each ray the ball is met; inf where it is not."""
    offset = origin - np.array(ball.centre)
    half = np.sum(offset * ray, axis=1)
    under_root = half**2 - np.sum(offset**2, axis=1) + ball.radius**2
    distance = -half - np.sqrt(np.maximum(under_root, 0.0))
    return np.where((under_root > 0) & (distance > 1e-4), distance, np.inf)


def _sky(ray: Array) -> Array:
    height: Array = np.clip(ray[:, 1], 0.0, 1.0)
    clouds: Array = np.sin(9 * ray[:, 0] + 2 * np.sin(14 * height)) * np.sin(38 * height + 3 * np.sin(4 * ray[:, 0]))
    return 0.82 - 0.75 * height + 0.05 * clouds


def _floor(point: Array, distance: Array) -> Array:
    squares = (np.floor(point[:, 0] / 0.8 + 0.3) + np.floor(point[:, 2] / 0.8)) % 2
    lit: Array = 0.16 + 0.74 * squares
    lit *= np.where(_in_shadow(point), 0.35, 1.0)
    haze: Array = np.exp(-((distance / 16) ** 2))
    return lit * haze + 0.82 * (1 - haze)


def _in_shadow(point: Array) -> NDArray[np.bool_]:
    towards_light = np.broadcast_to(_LIGHT, point.shape)
    dark = np.zeros(len(point), np.bool_)
    for ball in _BALLS:
        dark |= np.isfinite(_distance(point, towards_light, ball))
    return dark


def _ball(ball: _Ball, point: Array, ray: Array, bounces: int) -> Array:
    normal = (point - np.array(ball.centre)) / ball.radius
    facing: Array = normal @ _LIGHT
    lit: Array = np.where((facing > 0) & ~_in_shadow(point + 1e-3 * normal), facing, 0.0)
    shade = (0.12 + 0.85 * lit) * _surface(ball.surface, normal)
    bounced = ray - 2 * np.sum(ray * normal, axis=1, keepdims=True) * normal
    if bounces and ball.mirror > 0.1:
        seen = _trace(point + 1e-3 * normal, bounced, bounces - 1)
        shade = (1 - ball.mirror) * shade + ball.mirror * seen
    highlight: Array = np.maximum(bounced @ _LIGHT, 0.0) ** 60 * (lit > 0)
    return shade + 0.8 * highlight


def _surface(name: str, normal: Array) -> Array:
    """How bright the surface itself is, by direction from the centre."""
    x, y, z = normal.T
    if name == "stripes":
        return np.where(np.sin(17 * (y + 0.45 * x)) > 0, 0.95, 0.22)
    if name == "speckles":
        speckles: Array = np.sin(31 * x + 5 * np.sin(23 * y)) * np.sin(29 * y + 5 * np.sin(19 * z))
        return 0.6 + 0.4 * speckles
    return np.full(len(normal), 0.9)
