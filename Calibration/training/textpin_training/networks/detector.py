"""DBNet: backbone, pyramid, and two heads of the same form; what training needs of it and what inference needs."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from .blocks import Convolution
from .mobilenet import MobileNetV3
from .nano import Nano
from .pyramid import AddedPyramid, ConcatenatedPyramid
from .resnet import ResNet

BINARIZATION_STEEPNESS = 50.0


class Logits(NamedTuple):
    """Both maps before their sigmoid, [batch, 1, height, width] each, at the input's size."""

    probability: Tensor
    threshold: Tensor

    def binary(self, steepness: float = BINARIZATION_STEEPNESS) -> Tensor:
        """The logit of the approximate binary map: k (P - T), in float32, since k would carry bfloat16's rounding of the sigmoids into the map."""
        return steepness * (self.probability.float().sigmoid() - self.threshold.float().sigmoid())


class Head(nn.Module):
    """A 3x3 convolution to `inner` channels at 1/4 of the input, and two transposed convolutions to the input's size, with `half` channels between them: one
    logit for each pixel."""

    def __init__(self, inputs: int, inner: int, half: int):
        super().__init__()
        self.reduce = Convolution(inputs, inner, 3)
        self.enlarge = nn.Sequential(nn.ConvTranspose2d(inner, half, 2, 2), nn.BatchNorm2d(half), nn.ReLU())
        self.last = nn.ConvTranspose2d(half, 1, 2, 2)

    def forward(self, features: Tensor) -> Tensor:
        return self.last(self.enlarge(self.reduce(features)))


class Detector(nn.Module):
    """A DBNet. Input: [batch, 3, height, width], both multiples of 32, normalized as `preprocessing.py` says."""

    def __init__(self, backbone: nn.Module, pyramid: nn.Module, inner: int, half: int):
        super().__init__()
        self.backbone = backbone
        self.pyramid = pyramid
        self.probability = Head(pyramid.outputs, inner, half)
        self.threshold = Head(pyramid.outputs, inner, half)

    def forward(self, pixels: Tensor) -> Logits:
        features = self.pyramid(self.backbone(pixels))
        return Logits(self.probability(features), self.threshold(features))

    def probability_map(self, pixels: Tensor) -> Tensor:
        """What the exported network computes: the threshold head is needed in training only."""
        return torch.sigmoid(self.probability(self.pyramid(self.backbone(pixels))))


def mobile(excited: bool) -> Detector:
    backbone = MobileNetV3()
    return Detector(backbone, ConcatenatedPyramid(backbone.channels, 96, excited), 24, 24)


def resnet(depth: int) -> Detector:
    backbone = ResNet(depth)
    return Detector(backbone, ConcatenatedPyramid(backbone.channels, 256, False), 64, 64)


def nano() -> Detector:
    backbone = Nano()
    return Detector(backbone, AddedPyramid(backbone.channels, 24), 16, 8)


# What a recipe may name.
NETWORKS = {
    "mobilenet-v3": lambda: mobile(excited=True),
    "mobilenet-v3-plain": lambda: mobile(excited=False),
    "resnet-18": lambda: resnet(18),
    "resnet-50": lambda: resnet(50),
    "nano": nano,
}


def make_network(name: str, seed: int) -> Detector:
    """A network by its name in NETWORKS, with weights drawn from `seed`: He et al.'s for convolutions, 1 and 0 for normalization.

    Raises ValueError for another name.
    """
    if name not in NETWORKS:
        raise ValueError(f"There is no network called '{name}': one of {', '.join(NETWORKS)} was expected.")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = NETWORKS[name]()
        for module in network.modules():
            if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out" if isinstance(module, nn.Conv2d) else "fan_in")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
    return network
