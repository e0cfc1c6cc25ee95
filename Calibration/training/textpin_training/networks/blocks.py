"""The pieces that backbones, pyramids and heads are made of."""

import torch
from torch import Tensor, nn
from torch.nn import functional


class HardSigmoid(nn.Module):
    """clip(0.2 x + 0.5, 0, 1): PaddlePaddle's slope, not PyTorch's 1/6, for PP-OCR's squeeze-and-excitation."""

    def forward(self, values: Tensor) -> Tensor:
        return (0.2 * values + 0.5).clamp(0.0, 1.0)


ACTIVATIONS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "hardswish": nn.Hardswish, "none": nn.Identity}


def activation(name: str) -> nn.Module:
    """The module of an activation by its name in ACTIVATIONS."""
    return ACTIVATIONS[name]()


class SpatialConvolution(nn.Conv2d):
    """A convolution that runs in float32 on a CPU even where autocast says bfloat16, if its kernel is larger than 1x1: there depthwise gradients in bfloat16 take 5
    to 30 times as long, and dense 3x3 ones nearly twice (PyTorch 2.13 on an AVX512-BF16 CPU)."""

    def forward(self, features: Tensor) -> Tensor:
        if features.device.type != "cpu" or self.kernel_size == (1, 1) or not torch.is_autocast_enabled("cpu"):
            return super().forward(features)
        with torch.autocast("cpu", enabled=False):
            result = super().forward(features.float())
        return result.to(torch.get_autocast_dtype("cpu"))


class Convolution(nn.Sequential):
    """Convolution, batch normalization, activation; "same" padding. Input and output NCHW."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1, act: str = "relu"):
        super().__init__(
            SpatialConvolution(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
            nn.BatchNorm2d(outputs),
            activation(act),
        )


class InvertedResidual(nn.Module):
    """MobileNetV3's block without squeeze-and-excitation: 1x1 to `expanded`, depthwise, 1x1 to `outputs`; added to its input if the shapes agree."""

    def __init__(self, inputs: int, expanded: int, outputs: int, kernel: int, stride: int, act: str):
        super().__init__()
        self.expand = Convolution(inputs, expanded, 1, act=act)
        self.depthwise = Convolution(expanded, expanded, kernel, stride, groups=expanded, act=act)
        self.project = Convolution(expanded, outputs, 1, act="none")
        self.residual = stride == 1 and inputs == outputs

    def forward(self, features: Tensor) -> Tensor:
        result = self.project(self.depthwise(self.expand(features)))
        return features + result if self.residual else result


# Kernel, expanded channels, output channels, activation, stride.
ResidualRow = tuple[int, int, int, str, int]


def residual_stages(inputs: int, stages: list[list[ResidualRow]]) -> nn.ModuleList:
    """Inverted residuals by their rows, each stage fed by the one before it, the first by `inputs` channels."""
    made = nn.ModuleList()
    for rows in stages:
        blocks = []
        for kernel, expanded, outputs, act, stride in rows:
            blocks.append(InvertedResidual(inputs, expanded, outputs, kernel, stride, act))
            inputs = outputs
        made.append(nn.Sequential(*blocks))
    return made


def stage_outputs(features: Tensor, stages: nn.ModuleList) -> list[Tensor]:
    """What each stage makes of the one before it: the levels of a pyramid."""
    levels = []
    for stage in stages:
        features = stage(features)
        levels.append(features)
    return levels


class SqueezeExcitation(nn.Module):
    """x + x * s(x), s from the channels' means: PP-OCRv3's residual squeeze-and-excitation."""

    def __init__(self, channels: int, reduction: int = 4):
        super().__init__()
        self.squeeze = nn.Conv2d(channels, channels // reduction, 1)
        self.excite = nn.Conv2d(channels // reduction, channels, 1)
        self.gate = HardSigmoid()

    def forward(self, features: Tensor) -> Tensor:
        mean = functional.adaptive_avg_pool2d(features, 1)
        return features + features * self.gate(self.excite(torch.relu(self.squeeze(mean))))


def upsample(features: Tensor, factor: int) -> Tensor:
    """Nearest neighbour, by a whole factor: what the int8 kernels do without arithmetic."""
    return functional.interpolate(features, scale_factor=factor, mode="nearest")
