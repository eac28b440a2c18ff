"""Layers of well-known networks as plain data: shapes, parameters, multiplications; and one small trained network."""

from convx.networks.alexnet import ALEXNET
from convx.networks.digits_network import Digits, digits
from convx.networks.googlenet import GOOGLENET
from convx.networks.layer import Conv, Layer, Pool, output_size, unique
from convx.networks.mobilenet import MOBILENET_V2
from convx.networks.network import Chain, Module, Network
from convx.networks.resnet import RESNET50
from convx.networks.typical import CONVOLUTIONS, NAMED_CONVOLUTIONS, POOLING
from convx.networks.vgg import VGG16

__all__ = [
    "ALEXNET",
    "CONVOLUTIONS",
    "GOOGLENET",
    "MOBILENET_V2",
    "NAMED_CONVOLUTIONS",
    "POOLING",
    "RESNET50",
    "VGG16",
    "Chain",
    "Conv",
    "Digits",
    "Layer",
    "Module",
    "Network",
    "Pool",
    "digits",
    "output_size",
    "unique",
]
