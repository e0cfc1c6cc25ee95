"""ResNet-18 and ResNet-50: the paper's backbones, without its deformable convolutions, for which there is no integer kernel.

He et al. 2016; the stride of a bottleneck is in its 3x3 convolution.
"""

from torch import Tensor, nn

from .blocks import Convolution, stage_outputs

DEPTHS = {18: (2, 2, 2, 2), 50: (3, 4, 6, 3)}


class Basic(nn.Module):
    """Two 3x3 convolutions and a shortcut."""

    expansion = 1

    def __init__(self, inputs: int, width: int, stride: int):
        super().__init__()
        self.path = nn.Sequential(Convolution(inputs, width, 3, stride), Convolution(width, width, 3, act="none"))
        self.shortcut = nn.Identity() if stride == 1 and inputs == width else Convolution(inputs, width, 1, stride, act="none")
        self.relu = nn.ReLU()

    def forward(self, features: Tensor) -> Tensor:
        return self.relu(self.path(features) + self.shortcut(features))


class Bottleneck(nn.Module):
    """1x1, 3x3 and 1x1 to four times the width, and a shortcut."""

    expansion = 4

    def __init__(self, inputs: int, width: int, stride: int):
        super().__init__()
        outputs = width * self.expansion
        self.path = nn.Sequential(Convolution(inputs, width, 1), Convolution(width, width, 3, stride), Convolution(width, outputs, 1, act="none"))
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Identity() if same else Convolution(inputs, outputs, 1, stride, act="none")
        self.relu = nn.ReLU()

    def forward(self, features: Tensor) -> Tensor:
        return self.relu(self.path(features) + self.shortcut(features))


class ResNet(nn.Module):
    """Features at 1/4, 1/8, 1/16 and 1/32 of the input, of `channels` each."""

    def __init__(self, depth: int):
        super().__init__()
        block = Basic if depth == 18 else Bottleneck
        self.channels = tuple(width * block.expansion for width in (64, 128, 256, 512))
        self.stem = nn.Sequential(Convolution(3, 64, 7, 2), nn.MaxPool2d(3, 2, 1))
        self.stages = nn.ModuleList()
        inputs = 64
        for index, (count, width) in enumerate(zip(DEPTHS[depth], (64, 128, 256, 512), strict=True)):
            blocks = []
            for position in range(count):
                blocks.append(block(inputs, width, 2 if index > 0 and position == 0 else 1))
                inputs = width * block.expansion
            self.stages.append(nn.Sequential(*blocks))

    def forward(self, pixels: Tensor) -> list[Tensor]:
        return stage_outputs(self.stem(pixels), self.stages)
