"""AlexNet: Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional neural networks", 2012.

The network of the paper, whose second, fourth and fifth convolutions were split over two GPUs: two groups. Its input is
227x227, the size for which 11x11 filters with stride 4 give the paper's 55x55 maps; the text's 224 does not.
Local response normalisation and the fully connected layers are left out: they are neither convolution nor pooling.
"""

from convx.networks.network import Chain, Network

__all__ = ["ALEXNET"]

_chain = (
    Chain(channels=3, size=227)
    .conv("conv1", 96, 11, stride=4)
    .pool("pool1", "max", 3, 2)
    .conv("conv2", 256, 5, padding=2, groups=2)
    .pool("pool2", "max", 3, 2)
    .conv("conv3", 384, 3, padding=1)
    .conv("conv4", 384, 3, padding=1, groups=2)
    .conv("conv5", 256, 3, padding=1, groups=2)
    .pool("pool5", "max", 3, 2)
)

ALEXNET = Network("AlexNet", (3, 227, 227), tuple(_chain.layers))
