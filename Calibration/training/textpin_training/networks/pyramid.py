"""Feature pyramids: four levels in, one map at 1/4 of the input out."""

import torch
from torch import Tensor, nn

from .blocks import Convolution, SpatialConvolution, SqueezeExcitation, upsample


class ConcatenatedPyramid(nn.Module):
    """The paper's pyramid (Lin et al. 2017, as DBNet uses it): levels brought to `inner` channels and added from the top down, a 3x3 convolution
    to `inner / 4` each, upsampled to 1/4 and concatenated.

    excited: with PP-OCRv3's residual squeeze-and-excitation after every convolution (its RSEFPN); without, PP-OCRv2's and the paper's.
    """

    def __init__(self, channels: tuple[int, ...], inner: int, excited: bool):
        super().__init__()
        self.outputs = inner

        def level(inputs: int, outputs: int, kernel: int) -> nn.Sequential:
            convolution = SpatialConvolution(inputs, outputs, kernel, padding=kernel // 2, bias=False)
            return nn.Sequential(convolution, SqueezeExcitation(outputs) if excited else nn.Identity())

        self.lateral = nn.ModuleList(level(count, inner, 1) for count in channels)
        self.smooth = nn.ModuleList(level(inner, inner // 4, 3) for _ in channels)

    def forward(self, levels: list[Tensor]) -> Tensor:
        sums = [self.lateral[-1](levels[-1])]
        for lateral, level in zip(reversed(self.lateral[:-1]), reversed(levels[:-1]), strict=True):
            sums.append(lateral(level) + upsample(sums[-1], 2))
        parts = []
        for step, (smooth, features) in enumerate(zip(reversed(self.smooth), sums, strict=True)):
            factor = 2 ** (len(levels) - 1 - step)
            part = smooth(features)
            parts.append(upsample(part, factor) if factor > 1 else part)
        return torch.cat(parts, dim=1)


class AddedPyramid(nn.Module):
    """The nano network's pyramid: levels brought to `inner` channels, added from the top down, and nothing else; the convolutions at 1/4 that the
    paper's pyramid spends most of its time in are left to the head."""

    def __init__(self, channels: tuple[int, ...], inner: int):
        super().__init__()
        self.outputs = inner
        self.lateral = nn.ModuleList(Convolution(count, inner, 1, act="none") for count in channels)

    def forward(self, levels: list[Tensor]) -> Tensor:
        features = self.lateral[-1](levels[-1])
        for lateral, level in zip(reversed(self.lateral[:-1]), reversed(levels[:-1]), strict=True):
            features = lateral(level) + upsample(features, 2)
        return features
