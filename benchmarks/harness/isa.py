"""One instruction set for all: the switches of the libraries that have one."""

from __future__ import annotations

from collections.abc import Iterable

from convx import _core

__all__ = ["CHOICES", "environment", "held"]

CHOICES = _core.isas()
# What oneDNN (PyTorch, OpenVINO), ATen and MKL (PyTorch) call it. Above AVX2 the libraries differ in what they use.
SWITCHES = {
    "avx2": {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"},
}
OBEY = {"avx2": ("torch", "openvino")}
HAVE_NO_MORE = {"avx2": ("mnn", "mnn-exact")}  # MNN's package on PyPI


def environment(isa: str) -> dict[str, str]:
    """Return the variables that hold convx to an instruction set, and who else has a switch; empty: all are free."""
    return {"CONVX_ISA": isa, **SWITCHES.get(isa, {})} if isa else {}


def held(isa: str, systems: Iterable[str]) -> str:
    """Return a line that says who is held to the instruction set and who is not."""
    names = [name for name in systems if not name.startswith("convx")]
    groups: dict[str, tuple[str, ...]] = {
        "held with it": OBEY.get(isa, ()),
        "built for no more": HAVE_NO_MORE.get(isa, ()),
    }
    groups["free, for want of a switch"] = tuple(set(names).difference(*groups.values()))
    present = {what: [name for name in names if name in who] for what, who in groups.items()}
    return "; ".join([f"convx held to {isa}", *(f"{what}: {', '.join(who)}" for what, who in present.items() if who)])
