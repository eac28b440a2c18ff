"""What a layer is, read once for all who explain, draw or count: a plan, or a function of convx with its arguments."""

from convx._layers.kinds import rank_of
from convx._layers.layer import Layer
from convx._layers.plan import plan_like, plan_of
from convx._layers.read import read_layer, read_network

__all__ = ["Layer", "plan_like", "plan_of", "rank_of", "read_layer", "read_network"]
