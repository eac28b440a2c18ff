"""ResNet-50: He et al., "Deep residual learning for image recognition", 2016, Table 1.

The convolutions are listed in order; the additions between them are not layers of this table. The stride of a stage
stands in its first 3x3 convolution, as in nearly every implementation in use ("v1.5"); the paper has it in the 1x1
before, with the same number of parameters.
"""

from __future__ import annotations

from convx.networks.layer import Conv

__all__ = ["RESNET50"]


def _build() -> tuple[Conv, ...]:
    layers = [Conv("conv1", 3, 224, 64, 7, stride=2, padding=3)]
    channels, size = 64, 56  # after the 3x3 max pooling with stride 2
    for stage, (width, blocks) in enumerate(((64, 3), (128, 4), (256, 6), (512, 3)), start=2):
        for block in range(1, blocks + 1):
            name = f"conv{stage}_{block}"
            stride = 2 if stage > 2 and block == 1 else 1
            out = size // stride
            layers += [
                Conv(f"{name}/reduce", channels, size, width, 1),
                Conv(f"{name}/3x3", width, size, width, 3, stride=stride, padding=1),
                Conv(f"{name}/expand", width, out, 4 * width, 1),
            ]
            if block == 1:
                layers.append(Conv(f"{name}/shortcut", channels, size, 4 * width, 1, stride=stride))
            channels, size = 4 * width, out
    return tuple(layers)


RESNET50 = _build()
