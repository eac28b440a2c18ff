"""VGG-16: Simonyan, Zisserman, "Very deep convolutional networks for large-scale image recognition", 2015, table 1."""

from convx.networks.network import Chain, Network

__all__ = ["VGG16"]


def _build() -> Network:
    chain = Chain(channels=3, size=224)
    for block, (channels, depth) in enumerate(((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)), start=1):
        for index in range(1, depth + 1):
            chain.conv(f"conv{block}_{index}", channels, 3, padding=1)
        chain.pool(f"pool{block}", "max", 2, 2)
    return Network("VGG-16", (3, 224, 224), tuple(chain.layers))


VGG16 = _build()
