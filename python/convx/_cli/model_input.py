"""What ``convx run`` feeds a model with."""

from __future__ import annotations

from typing import Any

import numpy as np

from convx._cli.errors import UserError
from convx._cli.picture import upright_picture

__all__ = ["inputs_of"]

# Of the red, green and blue of ImageNet's pictures, from 0 to 1: what its networks were trained with.
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_DTYPES = {"float": "float32", "double": "float64"}


def inputs_of(session: Any, array: str | None, image: str | None) -> dict[str, Any]:
    """Return an array for each input of a model.

    Parameters
    ----------
    session : InferenceSession
        The model.
    array : str or None
        A file of one array, or of several by their names.
    image : str or None
        A picture, for a model whose only input is ``(N, 3, H, W)`` or ``(N, 1, H, W)``.

    Returns
    -------
    dict of str to ndarray
        Random numbers if neither file is given.

    Raises
    ------
    UserError
        If a file cannot be read, or does not fit the model.
    """
    inputs = session.get_inputs()
    if array is not None:
        return _from_file(array, [value.name for value in inputs])
    if image is not None:
        if len(inputs) != 1 or len(inputs[0].shape) != 4 or inputs[0].shape[1] not in (1, 3):
            shown = ", ".join(f"{value.name} {tuple(value.shape)}" for value in inputs)
            raise UserError(f"--image: the model must have one input (N, 3, H, W) or (N, 1, H, W), got {shown}")
        return {inputs[0].name: _picture(image, inputs[0].shape).astype(_dtype(inputs[0].type))}
    rng = np.random.default_rng(0)
    return {value.name: _random(rng, value) for value in inputs}


def _dtype(kind: str) -> str:
    name = kind.removeprefix("tensor(").removesuffix(")")
    return _DTYPES.get(name, name)


def _random(rng: np.random.Generator, value: Any) -> Any:
    sizes = [size if isinstance(size, int) else 1 for size in value.shape]
    dtype = np.dtype(_dtype(value.type)) if value.type != "tensor(string)" else None
    if dtype is None:
        raise UserError(f"--input must be given: the model's input {value.name} holds strings")
    if dtype.kind == "f":
        return rng.standard_normal(sizes, dtype=np.float32).astype(dtype)
    return rng.integers(0, 2, sizes).astype(dtype)


def _from_file(path: str, names: list[str]) -> dict[str, Any]:
    try:
        loaded = np.load(path)
    except (OSError, ValueError, EOFError) as error:
        raise UserError(f"cannot read {path} as an array: {error}") from None
    if isinstance(loaded, np.ndarray):
        if len(names) != 1:
            raise UserError(f"--input: the model has the inputs {', '.join(names)}: give a file .npz with them")
        return {names[0]: loaded}
    return {name: loaded[name] for name in loaded.files}


def _picture(path: str, shape: list[Any]) -> Any:
    """Return the middle of a picture, scaled such that it fills the model's input."""
    height, width = (size if isinstance(size, int) else 224 for size in shape[2:])
    with upright_picture(path) as upright:
        from PIL import Image, ImageOps

        colours = upright.convert("L" if shape[1] == 1 else "RGB")
        fitted = ImageOps.fit(colours, (width, height), Image.Resampling.BILINEAR)
    pixels = np.asarray(fitted, dtype=np.float32) / 255
    if shape[1] == 1:
        return pixels[np.newaxis, np.newaxis]
    scaled = (pixels - np.array(_MEAN, np.float32)) / np.array(_DEVIATION, np.float32)
    return np.ascontiguousarray(scaled.transpose(2, 0, 1)[np.newaxis])
