"""Dask arrays on other machines: here, on two processes that share nothing."""

import os
import warnings
from collections.abc import Iterator
from typing import Any

import convx
import numpy as np
import pytest
from checks import assert_same_bits

pytest.importorskip("dask.array")
distributed = pytest.importorskip("distributed")

from dask_arrays import da, dask  # noqa: E402

X = np.random.default_rng(0).standard_normal((2, 6, 60, 50), np.float32)
W = np.random.default_rng(1).standard_normal((8, 3, 5, 3), np.float32)


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    environment = dict(os.environ)  # where it writes OMP_NUM_THREADS=1, which other packages of this process would read
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of ports and of event loops, which are not ours
        with (
            dask.config.set({"distributed.worker.daemon": True}),
            distributed.LocalCluster(
                n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            yield client
    os.environ.clear()
    os.environ.update(environment)


def test_both_workers_compute_numpys_bits(client: Any) -> None:
    lazy = da.from_array(X, chunks=(1, 3, 20, 25))
    arguments: dict[str, Any] = {"padding": "same", "padding_mode": "circular", "groups": 2, "algorithm": "direct"}
    convolved = convx.dask.conv2d(lazy, W, **arguments)
    pooled = convx.dask.max_pool2d(convolved, 3, 2, padding=1)
    exact = convx.max_pool2d(convx.conv2d(X, W, **arguments), 3, 2, padding=1)
    kept = client.persist(pooled)
    distributed.wait(kept)
    holders = {worker for workers in client.who_has(kept).values() for worker in workers}
    assert len(holders) == 2
    assert_same_bits(kept.compute(), exact)


def test_a_plan_travels(client: Any) -> None:
    """A plan is a function of blocks too, where images are not cut."""
    plan = convx.Conv2d(W, groups=2, algorithm="direct")
    lazy = da.from_array(X, chunks=(1, 6, 60, 50))
    result = lazy.map_blocks(plan, chunks=(1, 8, 56, 48), dtype=np.float32, meta=X[:0])
    assert_same_bits(result.compute(scheduler=client), plan(X))


def test_indices_and_transposes(client: Any) -> None:
    lazy = da.from_array(X, chunks=(1, 6, 17, 25))
    w = np.random.default_rng(2).standard_normal((6, 2, 3, 4), np.float32)
    results = dask.compute(
        *convx.dask.max_pool2d(lazy, 3, return_indices=True),
        convx.dask.conv_transpose2d(lazy, w, stride=2, algorithm="direct"),
        scheduler=client,
    )
    exact = (*convx.max_pool2d(X, 3, return_indices=True), convx.conv_transpose2d(X, w, stride=2, algorithm="direct"))
    for got, wanted in zip(results, exact, strict=True):
        assert_same_bits(got, wanted)
