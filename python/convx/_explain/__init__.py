"""What a layer or a network computes, what it costs, and how this machine computes it."""

from convx._explain.api import explain
from convx._explain.explanation import Explanation
from convx._explain.network import NetworkExplanation

__all__ = ["Explanation", "NetworkExplanation", "explain"]
