"""A trained MobileNetV3 cut down to the nano network: where both have the same block, the expanded channels that matter most are kept.

A channel of a block's inside can go without anything else noticing; how much it matters is what it adds to the block's output on average, the product of its
normalization's scale and the length of its column in the projection (Liu et al. 2017, "network slimming", uses the scale alone).
"""

import torch
from torch import nn

from .blocks import Convolution, InvertedResidual
from .detector import Detector


def cut_down(large: Detector, small: Detector) -> list[str]:
    """Copies into `small` what it shares with `large`; returns the names of the blocks that were filled.

    In every stage each block takes the first block of the large network after the one last taken that has the same kernel, stride, inputs and outputs.
    Laterals and heads start afresh.
    """
    filled = []
    for stage, (sources, targets) in enumerate(zip(large.backbone.stages, small.backbone.stages, strict=True)):
        left = iter(sources)
        for place, target in enumerate(targets):
            source = next((block for block in left if _fits(block, target)), None)
            if source is not None:
                _cut_block(source, target)
                filled.append(f"backbone.stages.{stage}.{place}")
    return filled


def _fits(source: InvertedResidual, target: InvertedResidual) -> bool:
    return (
        source.expand[0].in_channels == target.expand[0].in_channels
        and source.project[0].out_channels == target.project[0].out_channels
        and source.depthwise[0].kernel_size == target.depthwise[0].kernel_size
        and source.depthwise[0].stride == target.depthwise[0].stride
        and source.expand[0].out_channels >= target.expand[0].out_channels
    )


@torch.no_grad()
def _cut_block(source: InvertedResidual, target: InvertedResidual) -> None:
    norm = source.depthwise[1]
    importance = norm.weight.abs() * source.project[0].weight.flatten(1).norm(dim=0)
    kept = torch.topk(importance, target.expand[0].out_channels).indices.sort().values
    _copy(source.expand, target.expand, kept, None)
    _copy(source.depthwise, target.depthwise, kept, None)
    _copy(source.project, target.project, None, kept)


def _copy(source: Convolution, target: Convolution, outputs: torch.Tensor | None, inputs: torch.Tensor | None) -> None:
    weight = source[0].weight if outputs is None else source[0].weight[outputs]
    target[0].weight.copy_(weight if inputs is None else weight[:, inputs])
    norm: nn.BatchNorm2d = source[1]
    for name in ("weight", "bias", "running_mean", "running_var"):
        values = getattr(norm, name)
        getattr(target[1], name).copy_(values if outputs is None else values[outputs])
