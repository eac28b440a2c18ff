"""Layers with one axis and with three, of well-known networks."""

from __future__ import annotations

from harness.layer import Conv

__all__ = ["LAYERS"]

LAYERS = (
    # wav2vec 2.0's feature extractor over one second of speech, and its positional convolution over ten.
    Conv("wav2vec2/conv0", 1, (16000,), 512, 10, 5),
    Conv("wav2vec2/conv1", 512, (3199,), 512, 3, 2),
    Conv("wav2vec2/conv5", 512, (199,), 512, 2, 2),
    Conv("whisper/conv1", 80, (3000,), 384, 3, padding=1),
    Conv("whisper/conv2", 384, (3000,), 384, 3, 2, 1),
    # Dilated stacks: WaveNet (two taps, the padding of a causal layer given), TCN (three).
    Conv("wavenet/d8", 64, (4096,), 128, 2, padding=4, dilation=8),
    Conv("wavenet/d512", 64, (4096,), 128, 2, padding=256, dilation=512),
    Conv("tcn/d4", 128, (1024,), 128, 3, padding=4, dilation=4),
    Conv("quartznet/depthwise", 256, (1000,), 256, 33, padding=16, groups=256),
    Conv("quartznet/pointwise", 256, (1000,), 512, 1),
    Conv("conformer/depthwise", 256, (400,), 256, 31, padding=15, groups=256),
    Conv("ecg/conv1", 12, (4096,), 64, 17, padding=8),
    Conv("ecg/conv2", 64, (4096,), 128, 17, 4, 8),
    Conv("keywords/conv", 64, (1000,), 64, 5, padding=2),
    # C3D: sixteen frames of 112 x 112.
    Conv("c3d/conv1", 3, (16, 112, 112), 64, 3, padding=1),
    Conv("c3d/conv3b", 256, (8, 28, 28), 256, 3, padding=1),
    Conv("c3d/conv4b", 512, (4, 14, 14), 512, 3, padding=1),
    Conv("c3d/conv5", 512, (2, 7, 7), 512, 3, padding=1),
    # 3-d U-Net on patches of 48 cubed, and its last layer.
    Conv("unet3d/enc1", 32, (48, 48, 48), 32, 3, padding=1),
    Conv("unet3d/enc3", 128, (12, 12, 12), 128, 3, padding=1),
    Conv("unet3d/out", 32, (48, 48, 48), 3, 1),
    # R(2+1)D: space, then time; I3D's stem and a mixed layer; a depthwise layer of X3D.
    Conv("r2plus1d/space", 64, (8, 56, 56), 144, (1, 3, 3), padding=(0, 1, 1)),
    Conv("r2plus1d/time", 144, (8, 56, 56), 64, (3, 1, 1), padding=(1, 0, 0)),
    Conv("r2plus1d/stem", 3, (8, 112, 112), 45, (1, 7, 7), (1, 2, 2), (0, 3, 3)),
    Conv("i3d/stem", 3, (16, 112, 112), 64, 7, 2, 3),
    Conv("i3d/mixed 3x3", 96, (8, 28, 28), 128, 3, padding=1),
    Conv("i3d/mixed 1x1", 480, (8, 14, 14), 192, 1),
    Conv("x3d/depthwise", 108, (8, 28, 28), 108, 3, padding=1, groups=108),
)
