"""The trained network: what it is made of, that it reads digits, and that it is the one its example trains."""

import runpy
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import convx
import numpy as np
import pytest
from checks import ROOT
from convx.networks import Digits, digits

EXAMPLE = ROOT / "examples" / "plot_digits.py"


def scores(layers: Iterable[Callable[[Any], Any]], maps: Any) -> Any:
    for layer in layers:
        maps = layer(maps)
    return maps


def test_layers_are_plans_and_a_pool() -> None:
    network = digits()
    first, pool, second, last = network.layers
    assert [(*plan.weight.shape, *plan.bias.shape) for plan in (first, second, last)] == [
        (8, 1, 3, 3, 8),
        (16, 8, 3, 3, 16),
        (10, 16, 4, 4, 10),
    ]
    assert all(plan.weight.dtype == np.float32 for plan in (first, second, last))
    assert isinstance(pool, partial)
    assert pool.func is convx.max_pool2d
    assert [plan.activation for plan in (first, second, last)] == ["relu", "relu", None]
    assert sum(plan.weight.size + plan.bias.size for plan in (first, second, last)) == 3818


def test_samples_are_one_image_of_each_digit() -> None:
    network = digits()
    assert network.images.shape == (10, 1, 8, 8)
    assert network.images.dtype == np.float32
    assert network.images.min() == 0
    assert network.images.max() == 1
    assert network.labels.tolist() == list(range(10))
    assert network.labels.dtype == np.int64
    assert network.classes == ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")


def test_samples_are_read() -> None:
    network = digits()
    result = scores(network.layers, network.images)
    assert result.shape == (10, 10, 1, 1)
    assert np.sum(result[:, :, 0, 0].argmax(axis=1) == network.labels) >= 9


def test_scores_are_those_of_the_reference() -> None:
    network = digits()
    first, _, second, last = network.layers
    maps = convx.reference.conv2d(network.images, first.weight, first.bias, padding=1, activation="relu")
    maps = convx.reference.max_pool2d(maps, 2)
    maps = convx.reference.conv2d(maps, second.weight, second.bias, padding=1, activation="relu")
    expected = convx.reference.conv2d(maps, last.weight, last.bias)
    np.testing.assert_allclose(scores(network.layers, network.images), expected, rtol=0, atol=1e-4)


def test_each_call_returns_arrays_of_its_own() -> None:
    network: Digits = digits()
    network.images[:] = 0
    assert digits().images.max() == 1


@pytest.fixture(scope="module")
def example() -> dict[str, Any]:
    """What the example defines, run once."""
    pytest.importorskip("sklearn")
    pytest.importorskip("matplotlib").use("Agg")
    if not EXAMPLE.is_file():
        pytest.skip("the examples are not beside the tests")
    with convx.num_threads(1):  # its many short calls would wait for cores that other work holds
        return runpy.run_path(str(EXAMPLE))


def test_accuracy_on_images_not_trained_on(example: dict[str, Any]) -> None:
    result = scores(digits().layers, example["test_images"])
    right = result[:, :, 0, 0].argmax(axis=1) == example["test_labels"]
    assert len(right) == 450
    assert right.mean() > 0.97


def test_samples_are_not_trained_on(example: dict[str, Any]) -> None:
    known = {image.tobytes() for image in example["train_images"]}
    assert not [
        label for label, image in zip(digits().labels, digits().images, strict=True) if image.tobytes() in known
    ]


def test_training_is_reproducible_and_lowers_the_loss(example: dict[str, Any]) -> None:
    parameters, curve = example["train"](epochs=3)
    with convx.num_threads(1):
        again, same_curve = example["train"](epochs=3)
    assert all(map(np.array_equal, parameters, again))
    assert np.array_equal(curve, same_curve)
    losses = curve[:, 0]
    assert losses[2] < losses[1] < losses[0] < np.log(10)
    other, _ = example["train"](epochs=1, seed=1)
    assert not np.array_equal(parameters[0], other[0])


def test_gradients_are_slopes_of_the_loss(example: dict[str, Any]) -> None:
    """Along a random direction, in float64."""
    random = np.random.default_rng(2)
    parameters = [np.float64(parameter) for parameter in example["parameters"]]
    directions = [random.standard_normal(parameter.shape) for parameter in parameters]
    images, labels = np.float64(example["train_images"][:50]), example["train_labels"][:50]
    # Far from its minimum, where the gradient is not almost zero.
    parameters = [parameter + 0.1 * direction for parameter, direction in zip(parameters, directions, strict=True)]

    def loss(step: float) -> float:
        moved = [parameter + step * direction for parameter, direction in zip(parameters, directions, strict=True)]
        return float(example["loss_and_gradients"](moved, images, labels)[0])

    _, gradients = example["loss_and_gradients"](parameters, images, labels)
    slope = sum(np.vdot(gradient, direction) for gradient, direction in zip(gradients, directions, strict=True))
    assert abs(slope) > 0.01
    # So small a step passes no kink of a ReLU or a maximum; one of 1e-6 did.
    assert (loss(1e-8) - loss(-1e-8)) / 2e-8 == pytest.approx(slope, rel=1e-6)
