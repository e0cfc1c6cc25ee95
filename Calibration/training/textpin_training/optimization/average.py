"""The moving average of a network's weights, which finds texts better than the weights of any one step."""

import copy

import torch
from torch import nn


class MovingAverage:
    """Keeps a network whose floating-point weights and statistics follow another's: a <- d a + (1 - d) w, d rising to `decay` over the first steps."""

    def __init__(self, network: nn.Module, decay: float):
        self.network = copy.deepcopy(network).eval()
        self.network.requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """After step `step`, counted from 0."""
        decay = min(self.decay, (1 + step) / (10 + step))
        for mine, other in zip(self.network.state_dict().values(), network.state_dict().values(), strict=True):
            if mine.is_floating_point():
                mine.lerp_(other, 1.0 - decay)
            else:
                mine.copy_(other)
