"""MobileNetV3-large at half width without squeeze-and-excitation: the backbone of PP-OCRv2's and v3's detector.

Howard et al. 2019; the widths are PaddleOCR's (det_mobilenet_v3, scale 0.5, disable_se), so that its weights load.
"""

from torch import Tensor, nn

from .blocks import Convolution, InvertedResidual

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
        self.stages = nn.ModuleList()
        inputs = 8
        for rows in STAGES:
            blocks = []
            for kernel, expanded, outputs, act, stride in rows:
                blocks.append(InvertedResidual(inputs, expanded, outputs, kernel, stride, act))
                inputs = outputs
            self.stages.append(nn.Sequential(*blocks))
        self.last = Convolution(inputs, self.channels[-1], 1, act="hardswish")

    def forward(self, pixels: Tensor) -> list[Tensor]:
        features = self.stem(pixels)
        levels = []
        for stage in self.stages:
            features = stage(features)
            levels.append(features)
        levels[-1] = self.last(levels[-1])
        return levels
