"""Keeps a network's tensors within what int8 can hold: values far beyond what is usual in their tensor cost loss, though they may cost the map nothing.

After range restriction (Kundu et al. 2023, "R2 Loss", there for weights). Without it, a flat grey place, such as what a picture is padded with, can be answered
with values a hundred times larger than any others: the head knows that there is no text, so the rest of the loss does not mind.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..networks import Detector


@dataclass(frozen=True)
class OutlierSettings:
    """weight: of this loss; 0 for none. limit: how many times the median magnitude of its tensor a value may have."""

    weight: float = 0.1
    limit: float = 20.0


class OutlierLoss:
    """Watches every stage of the backbone and what the pyramid makes of it."""

    def __init__(self, network: Detector, settings: OutlierSettings):
        self.settings = settings
        self.outputs: list[Tensor] = []
        watched = [*network.backbone.stages, *(module for name in ("lateral", "smooth") for module in getattr(network.pyramid, name, ()))]
        for module in watched:
            module.register_forward_hook(self._record)

    def _record(self, module: nn.Module, _inputs: object, output: Tensor) -> None:
        if module.training:
            self.outputs.append(output)

    def take(self) -> Tensor:
        """A scalar for the batch that the network has just been run on: how far its values exceed the limit, in units of it, on average, summed over tensors."""
        losses = [_excess(output.float(), self.settings.limit) for output in self.outputs]
        self.outputs.clear()
        return self.settings.weight * torch.stack(losses).sum()


def _excess(values: Tensor, limit: float) -> Tensor:
    magnitudes = values.abs()
    # Of some thousand values: a median of all would take longer than the convolution that made them.
    some = magnitudes.detach().flatten()[:: max(magnitudes.numel() // 8192, 1)]
    return (magnitudes / (limit * some.median() + 1e-6) - 1.0).clamp(min=0.0).mean()
