"""MobileNetV3-large at half width without squeeze-and-excitation: the backbone of PP-OCRv2's and v3's detector.

Howard et al. 2019; the widths are PaddleOCR's (det_mobilenet_v3, scale 0.5, disable_se), so that its weights load.
"""

from torch import Tensor, nn

from .blocks import Convolution, residual_stages, stage_outputs

# Kernel, expanded channels, output channels, activation, stride; a list for each stage, whose last block gives a level of the pyramid.
STAGES = [
    [(3, 8, 8, "relu", 1), (3, 32, 16, "relu", 2), (3, 40, 16, "relu", 1)],
    [(5, 40, 24, "relu", 2), (5, 64, 24, "relu", 1), (5, 64, 24, "relu", 1)],
    [
        (3, 120, 40, "hardswish", 2),
        (3, 104, 40, "hardswish", 1),
        (3, 96, 40, "hardswish", 1),
        (3, 96, 40, "hardswish", 1),
        (3, 240, 56, "hardswish", 1),
        (3, 336, 56, "hardswish", 1),
    ],
    [(5, 336, 80, "hardswish", 2), (5, 480, 80, "hardswish", 1), (5, 480, 80, "hardswish", 1)],
]


class MobileNetV3(nn.Module):
    """Features at 1/4, 1/8, 1/16 and 1/32 of the input, of `channels` each."""

    channels = (16, 24, 56, 480)

    def __init__(self) -> None:
        super().__init__()
        self.stem = Convolution(3, 8, 3, 2, act="hardswish")
        self.stages = residual_stages(8, STAGES)
        self.last = Convolution(STAGES[-1][-1][2], self.channels[-1], 1, act="hardswish")

    def forward(self, pixels: Tensor) -> list[Tensor]:
        levels = stage_outputs(self.stem(pixels), self.stages)
        levels[-1] = self.last(levels[-1])
        return levels
