"""plan.tune: who wins by which margin, by a clock of our own; what calls take afterwards; threads, copies, Ctrl-C."""

import copy
import math
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import convx
import numpy as np
import pytest
from checks import assert_same_bits, assert_within, run_python
from convx import _core, _timing, _tuning
from families import numbers
from test_shared_plans import together

SHAPE = (1, 32, 28, 28)
WEIGHT = numbers(0, (32, 32, 3, 3))


@pytest.fixture(autouse=True)
def nothing_is_known() -> Iterator[None]:
    convx.forget_wisdom()
    yield
    convx.forget_wisdom()


def learn(plan: Any, shape: tuple[int, ...], algorithm: str, threads: int | None = None) -> None:
    """What tune() would if that algorithm were the fastest."""
    core = plan._core
    names = ("weight_shape", "stride", "padding", "dilation", "groups", "padding_mode", "data_format")
    given = {name: getattr(core, name) for name in names} | {"isa": _core.get_isa(), "input_shape": shape}
    given |= {"dtype": "float64" if core.dtype == np.float64 else "float32", "algorithm": algorithm, "keep": True}
    _, now, winograd = core.candidates(shape)
    _core.learn("test", threads=threads or now, winograd=winograd, **given)


class Clock:
    """Time passes only in calls of the plans that `times` names, as long as it says."""

    def __init__(self, core: Any, times: dict[str, float]) -> None:
        self.core, self.times, self.now = core, times, 0.0
        self.called: list[str] = []

    def __call__(self) -> float:
        return self.now

    def __getattr__(self, name: str) -> Any:
        return getattr(self.core, name)

    def preferring(self, name: str) -> Callable[..., None]:
        def call(*_: Any) -> None:
            self.called.append(name)
            self.now += self.times[name]

        return call


@pytest.fixture
def timed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Any, Clock]]:
    """A plan whose calls take the given times: of the model's choice, of the next best, and of all others."""

    def make(model: float, second: float, others: float = 9.0) -> tuple[Any, Clock]:
        plan = convx.Conv2d(WEIGHT, padding=1)
        names, *_ = plan._core.candidates(SHAPE)
        clock = Clock(plan._core, dict.fromkeys(names, others) | {names[0]: model, names[1]: second})
        monkeypatch.setattr(_timing, "perf_counter", clock)
        plan._core = clock
        return plan, clock

    return make


@pytest.mark.parametrize(("second", "wins"), [(1.5, 0), (1.0, 0), (0.951, 0), (0.949, 1), (0.1, 1)])
def test_the_model_is_overruled_by_a_margin(timed: Any, second: float, wins: int) -> None:
    plan, clock = timed(1.0, second)
    names, *_ = clock.candidates(SHAPE)
    found = plan.tune(SHAPE, seconds=20.0)
    assert found.model == names[0]
    assert found.algorithm == names[wins]
    assert found.overruled == bool(wins)
    assert set(found.seconds) == set(names)
    assert (found.seconds[names[0]], found.seconds[names[1]]) == pytest.approx((1.0, second))
    assert convx.Conv2d(WEIGHT, padding=1).algorithm_for(SHAPE) == names[wins]


def test_calls_take_turns_and_the_hopeless_are_left_out(timed: Any) -> None:
    plan, clock = timed(1.0, 1.5, 3.0)
    names, *_ = clock.candidates(SHAPE)
    assert len(names) > 2
    plan.tune(SHAPE, seconds=25.0)
    both = list(names[:2])
    there_and_back = [name for i in range(math.ceil(25 / (1.0 + 1.5))) for name in both[:: -1 if i % 2 else 1]]
    assert clock.called == [*names, *names, *both, *there_and_back]


def test_the_model_is_measured_even_where_it_is_hopeless(timed: Any) -> None:
    plan, clock = timed(10.0, 1.0)
    names, *_ = clock.candidates(SHAPE)
    assert plan.tune(SHAPE, seconds=0).algorithm == names[1]
    assert clock.called.count(names[0]) == 2 + 1 + _timing.LEAST_CALLS


def test_a_failure_while_measuring_leaves_nothing_behind(timed: Any) -> None:
    plan, clock = timed(1.0, 0.5)
    clock.times = {}
    with pytest.raises(KeyError):
        plan.tune(SHAPE)
    assert convx.get_wisdom() == []


@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
@pytest.mark.parametrize("data_format", ["channels_first", "channels_last"])
def test_measured(kind: str, data_format: Any, isa: str) -> None:
    plan = convx.Conv2d(WEIGHT.astype(kind), np.ones(32, kind), padding="same", data_format=data_format)
    shape = SHAPE if data_format == "channels_first" else (1, 28, 28, 32)
    found = plan.tune(shape, seconds=0.01)
    assert found.algorithm in found.seconds
    assert "reference" not in found.seconds
    assert all(0 < seconds < 10 for seconds in found.seconds.values())
    assert plan.algorithm_for(shape) == found.algorithm
    (fact,) = convx.get_wisdom()
    assert fact["isa"] == isa
    assert fact["dtype"] == ("float64" if kind == "float64" else "float32")
    assert fact["input_shape"] == shape
    assert fact["padding"] == ((1, 1), (1, 1))
    assert fact["algorithm"] == found.algorithm


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_every_rank_without_a_batch(rank: int) -> None:
    plan = getattr(convx, f"Conv{rank}d")(np.ones((6, 2, *[3] * rank), "float32"), groups=3, dilation=2)
    found = plan.tune((6, *[9] * rank), seconds=0)
    assert plan.algorithm_for((1, 6, *[9] * rank)) == found.algorithm
    assert convx.get_wisdom()[0]["input_shape"] == (1, 6, *[9] * rank)


def test_calls_take_what_is_known() -> None:
    """Each algorithm by name gives bits of its own or those of others; a plan gives those of what it was told."""
    plan, x = convx.Conv2d(WEIGHT, padding=1), numbers(1, SHAPE)
    names, threads, _ = plan._core.candidates(SHAPE)
    for name in names:
        learn(plan, SHAPE, name)
        assert plan.algorithm_for(SHAPE) == name
        assert_same_bits(plan(x), convx.conv2d(x, WEIGHT, padding=1, algorithm=name), name)
    worst = names[-1]
    assert plan.algorithm_for(SHAPE) == worst
    # Nothing else is touched: other sizes, parameters, dtypes, numbers of threads, functions.
    assert plan.algorithm_for((2, *SHAPE[1:])) != worst
    assert plan.algorithm_for((*SHAPE[:3], 29)) != worst
    assert convx.Conv2d(WEIGHT, padding=1, padding_mode="reflect").algorithm_for(SHAPE) != worst
    assert convx.Conv2d(WEIGHT, padding=(1, 2)).algorithm_for(SHAPE) != worst
    assert convx.Conv2d(WEIGHT.astype("float64"), padding=1).algorithm_for(SHAPE) != worst
    assert _core.choose(SHAPE, WEIGHT.shape, 1, 1, 1, 1, np.dtype("float32")) == names[0]
    with convx.num_threads(threads + 1):
        assert plan.algorithm_for(SHAPE) == names[0]
    convx.forget_wisdom()
    assert plan.algorithm_for(SHAPE) == names[0]
    assert_same_bits(plan(x), convx.conv2d(x, WEIGHT, padding=1, algorithm=names[0]))


def test_another_instruction_set_knows_nothing(isa_name: str) -> None:
    plan = convx.Conv2d(WEIGHT, padding=1)
    worst = plan._core.candidates(SHAPE)[0][-1]
    learn(plan, SHAPE, worst)
    here = _core.get_isa()
    _core.set_isa(isa_name)
    try:
        assert (plan.algorithm_for(SHAPE) == worst) == (isa_name == here)
    finally:
        _core.set_isa(None)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_not_spread(value: float) -> None:
    """Winograd's, where it is known to be the fastest, is still for finite arrays alone."""
    plan, x = convx.Conv2d(WEIGHT, padding=1), numbers(1, SHAPE)
    learn(plan, SHAPE, "winograd")
    assert plan.algorithm_for(SHAPE) == "winograd"
    x[0, 3, 5, 5] = value
    finite = np.isfinite(plan(x))
    assert not finite[..., 4:7, 4:7].any()
    assert np.count_nonzero(~finite) == 32 * 9
    weight = WEIGHT.copy()
    weight[0, 0, 0, 0] = value
    broken = convx.Conv2d(weight, padding=1)
    assert broken.algorithm_for(SHAPE) != "winograd"
    assert np.isfinite(broken(numbers(1, SHAPE))[:, 1:]).all()
    assert "winograd" not in broken.tune(SHAPE, seconds=0).seconds


def test_winograd_is_taken_only_where_it_is_allowed() -> None:
    plan = convx.Conv2d(WEIGHT, padding=1)
    learn(plan, SHAPE, "winograd")
    small = (1, 32, 4, 4)  # below what "auto" takes it for
    learn(plan, small, "winograd")
    assert plan.algorithm_for(small) != "winograd"
    before = convx.get_winograd()
    try:
        convx.set_winograd(False)
        assert plan.algorithm_for(SHAPE) != "winograd"
        assert "winograd" not in plan.tune(SHAPE, seconds=0).seconds
    finally:
        convx.set_winograd(before)
    assert plan.algorithm_for(SHAPE) == "winograd", "what was measured without it says nothing of it"


def test_levels_of_winograd_are_measured_apart() -> None:
    plan, before = convx.Conv2d(WEIGHT, padding=1), convx.get_winograd()
    try:
        for level, name in (("off", "im2col"), ("accurate", "winograd"), ("all", "direct")):
            convx.set_winograd(level)
            learn(plan, SHAPE, name)
        for level, name in (("accurate", "winograd"), ("all", "direct"), ("off", "im2col")):
            convx.set_winograd(level)
            assert plan.algorithm_for(SHAPE) == name
    finally:
        convx.set_winograd(before)
    assert {fact["winograd"] for fact in convx.get_wisdom()} == {"off", "accurate", "all"}


def test_a_plan_that_is_not_finite_says_nothing_of_others() -> None:
    weight = WEIGHT.copy()
    weight[0, 0, 0, 0] = np.nan
    plan = convx.Conv2d(WEIGHT, padding=1)
    before = plan.algorithm_for(SHAPE)
    convx.Conv2d(weight, padding=1).tune(SHAPE, seconds=0)
    assert plan.algorithm_for(SHAPE) == before
    assert convx.get_wisdom()[0]["winograd"] == "off"


def test_phases_of_a_transposed_convolution_are_convolutions() -> None:
    transposed = convx.ConvTranspose2d(WEIGHT, padding=1)
    plan = convx.Conv2d(WEIGHT, padding=1)
    model = transposed.algorithm_for(SHAPE)
    other = next(name for name in plan._core.candidates(SHAPE)[0] if name != model)
    learn(plan, SHAPE, other)
    assert transposed.algorithm_for(SHAPE) == other


INTEGERS = convx.Conv2d(np.ones((2, 3, 3, 3), "int8"))
REFUSED: list[tuple[Any, Any, str]] = [
    (
        convx.Conv2d(WEIGHT),
        (0, 32, 9, 9),
        r"^Conv2d: input_shape must have an image to be tuned for, got \(0, 32, 9, 9\)",
    ),
    (convx.Conv2d(WEIGHT), (1, 3, 9, 9), r"^Conv2d: input must have groups \* weight.shape\[1\] = 1 \* 32 channels"),
    (convx.Conv2d(WEIGHT), (1, 32, 2, 9), "output size would be 0"),
    (convx.Conv2d(WEIGHT), (1, 32, -2, 9), "^Conv2d: input_shape must be >= 0"),
    (convx.Conv2d(WEIGHT), (32, 9), "^Conv2d: input must have 4 axes"),
    (convx.Conv2d(WEIGHT), (1, 32, 2**40, 2**40), r"^Conv2d: input must be smaller than 2\*\*63 bytes"),
    (convx.Conv2d(WEIGHT, algorithm="direct"), SHAPE, "^Conv2d: algorithm must be 'auto' to be tuned, got 'direct'"),
    (INTEGERS, (1, 3, 9, 9), "^Conv2d: tune must be asked of .* whose weight holds floats, got a Conv2d of int8"),
    (
        convx.ConvTranspose2d(WEIGHT),
        SHAPE,
        "^ConvTranspose2d: tune must be asked of .*, got a ConvTranspose2d of float32",
    ),
    (convx.QLinearConv(1, 0, np.ones((2, 3, 3), "int8"), 1, 0, 1, np.int8(0)), (3, 9), "^QLinearConv: tune must be"),
]


@pytest.mark.parametrize(("plan", "shape", "message"), REFUSED)
def test_refused(plan: Any, shape: Any, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is allocated."""
    monkeypatch.delattr(np, "empty")
    with pytest.raises(ValueError, match=message):
        plan.tune(shape)
    assert convx.get_wisdom() == []


def test_arguments_of_the_wrong_type() -> None:
    plan = convx.Conv2d(WEIGHT)
    with pytest.raises(TypeError, match=r"^Conv2d: input_shape must be"):
        plan.tune("shape")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^Conv2d: seconds must be a real number, got '1'"):
        plan.tune(SHAPE, seconds="1")  # type: ignore[arg-type]
    for seconds in (-1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match=rf"^Conv2d: seconds must be finite and >= 0, got {seconds}"):
            plan.tune(SHAPE, seconds=seconds)
    with pytest.raises(MemoryError):
        plan.tune((1, 32, 2**25, 2**19))
    with pytest.raises(TypeError, match=r"^Conv2d: algorithm must be a str, got 3"):
        plan._core.preferring(3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^Conv2d: algorithm must be one of"):
        plan._core.preferring("magic")(numbers(1, SHAPE), None)  # type: ignore[arg-type]


@pytest.mark.parametrize("how", [copy.copy, copy.deepcopy, lambda plan: pickle.loads(pickle.dumps(plan))])
def test_copies_keep_what_was_found(how: Callable[[Any], Any]) -> None:
    plan = convx.Conv2d(WEIGHT, padding="same")
    worst = plan._core.candidates(SHAPE)[0][-1]
    learn(plan, SHAPE, worst) if plan.padding != "same" else learn(convx.Conv2d(WEIGHT, padding=1), SHAPE, worst)
    assert plan.algorithm_for(SHAPE) == how(plan).algorithm_for(SHAPE) == worst


RECEIVE = """
import pickle, sys, convx
plan = pickle.loads(bytes.fromhex(sys.argv[1]))
print(plan.algorithm_for((1, 32, 28, 28)), len(convx.get_wisdom()))
"""


def test_pickled_plans_take_what_was_found_with_them() -> None:
    plan, other = convx.Conv2d(WEIGHT, padding=1), convx.Conv2d(WEIGHT[:, :, :1, :1])
    names, *_ = plan._core.candidates(SHAPE)
    bare = pickle.dumps(plan)
    learn(plan, SHAPE, names[-1])
    learn(other, SHAPE, "direct")
    data = pickle.dumps(plan)
    assert b"avx" not in bare
    for pickled, told in (
        (data, [names[-1], "1"]),
        (bare, [names[0], "0"]),
        (data.replace(_core.info()["cpu"].encode(), b"?" * len(_core.info()["cpu"].encode())), [names[0], "0"]),
    ):
        done = run_python(RECEIVE, pickled.hex())
        assert done.returncode == 0, done.stderr
        assert done.stdout.split() == told


def test_threads_tune_and_call_one_plan() -> None:
    """Whatever is known at the moment, the result is right; in the end all know the same."""
    plan, x = convx.Conv2d(WEIGHT, padding=1), numbers(1, SHAPE)
    near = convx.conv2d(x.astype("float64"), WEIGHT, padding=1)
    names, *_ = plan._core.candidates(SHAPE)

    def calls() -> None:
        for _ in range(40):
            assert_within(plan(x), near, 1e-2)

    def tunes() -> None:
        for size in (28, 29, 30):
            assert plan.tune((1, 32, 28, size), seconds=0).algorithm in names

    def learns() -> None:
        for i in range(200):
            learn(plan, SHAPE, names[i % len(names)])
            learn(plan, (1, 32, 28, 31 + i), names[i % len(names)])

    def forgets() -> None:
        for _ in range(50):
            convx.forget_wisdom()
            convx.get_wisdom()

    together([calls, calls, tunes, tunes, learns, learns, forgets])
    convx.forget_wisdom()
    together([learns] * 8)
    assert len(convx.get_wisdom()) == 201
    assert plan.algorithm_for(SHAPE) == names[199 % len(names)]


INTERRUPTED = """
import signal, threading, time, os, numpy as np, convx
signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell may have had ignored
plan = convx.Conv2d(np.ones((256, 256, 3, 3)), padding=1)
sent = []
def send():
    time.sleep(0.5)
    sent.append(time.monotonic())
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=send).start()
try:
    plan.tune((64, 256, 56, 56), seconds=60)
except KeyboardInterrupt:
    print(time.monotonic() - sent[0], convx.get_wisdom())
"""


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="needs POSIX signals")
def test_ctrl_c_ends_it_and_nothing_is_learned() -> None:
    done = run_python(INTERRUPTED, timeout=100)
    assert done.returncode == 0, done.stderr
    seconds, facts = done.stdout.split()
    assert float(seconds) < 1.0
    assert facts == "[]"


def test_the_margin_is_what_the_text_says() -> None:
    assert _tuning.MARGIN == 0.05
    assert "more than 5 % faster" in (convx.Conv2d.tune.__doc__ or "")
