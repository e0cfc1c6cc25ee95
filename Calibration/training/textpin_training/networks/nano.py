"""The nano backbone: what a small board's CPU can afford at full frame rate, only operators that are cheap in int8.

Where MobileNetV3 spends most time in integers, on wide and shallow maps at 1/2 of the input, this one has a single dense convolution to 1/4, which runs at
the dot product's speed; from 1/8 on its blocks are some of MobileNetV3's with fewer expanded channels, so that a trained MobileNetV3 can be cut down to it.
ReLU everywhere: hard-swish is computed in 16 bits.
"""

from torch import Tensor, nn

from .blocks import Convolution, residual_stages, stage_outputs

# Kernel, expanded channels, output channels, activation, stride, as in mobilenet.py.
STAGES = [
    [(3, 16, 16, "relu", 1)],
    [(5, 32, 24, "relu", 2), (5, 32, 24, "relu", 1)],
    [(3, 64, 40, "relu", 2), (3, 64, 40, "relu", 1), (3, 64, 40, "relu", 1), (3, 96, 56, "relu", 1), (3, 128, 56, "relu", 1)],
    [(5, 160, 80, "relu", 2), (5, 192, 80, "relu", 1)],
]


class Nano(nn.Module):
    """Features at 1/4, 1/8, 1/16 and 1/32 of the input, of `channels` each."""

    channels = (16, 24, 56, 80)

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(Convolution(3, 8, 3, 2), Convolution(8, 16, 3, 2))
        self.stages = residual_stages(16, STAGES)

    def forward(self, pixels: Tensor) -> list[Tensor]:
        return stage_outputs(self.stem(pixels), self.stages)
