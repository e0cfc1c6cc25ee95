"""A network that computes as the int8 one will round: for fine-tuning that makes weights get used to it (Jacob et al. 2018, "quantization-aware training").

The grids are DESIGN.md's: weights symmetric for each output channel in [-127, 127], activations asymmetric for each tensor in [-128, 127], rounded where the
int8 network rounds, which is after the activation, and after the sum where there is a residual. Gradients pass through rounding as if it were not there, and stop
where a value is clamped.
"""

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize
from torch.nn.utils.fusion import fuse_conv_bn_eval

from .blocks import Convolution, InvertedResidual


class RoundedWeight(nn.Module):
    """Weights on their int8 grid. axis: of the output channels."""

    def __init__(self, axis: int):
        super().__init__()
        self.axis = axis

    def forward(self, weight: Tensor) -> Tensor:
        others = [axis for axis in range(weight.ndim) if axis != self.axis]
        scale = weight.detach().abs().amax(dim=others).clamp(min=1e-8) / 127.0
        zero_point = torch.zeros_like(scale, dtype=torch.int32)
        return torch.fake_quantize_per_channel_affine(weight, scale, zero_point, self.axis, -127, 127)


class Rounding(nn.Module):
    """A tensor on its int8 grid, whose ends are the moving averages of what is seen while `observing` in training."""

    def __init__(self) -> None:
        super().__init__()
        self.observing = True
        self.register_buffer("low", torch.zeros(()))
        self.register_buffer("high", torch.zeros(()))

    def forward(self, values: Tensor) -> Tensor:
        values = values.float()
        if self.observing and self.training:
            self._observe(values.detach())
        if self.high <= self.low:
            return values
        scale = (self.high - self.low) / 255.0
        zero_point = torch.round(-128.0 - self.low / scale).clamp(-128, 127).int()
        return torch.fake_quantize_per_tensor_affine(values, scale, zero_point, -128, 127)

    def _observe(self, values: Tensor) -> None:
        # Zero must be on the grid: it is what padding holds.
        low, high = values.amin().clamp(max=0.0), values.amax().clamp(min=0.0)
        first = bool(self.high <= self.low)
        self.low.lerp_(low, 1.0 if first else 0.05)
        self.high.lerp_(high, 1.0 if first else 0.05)


def fold_normalizations(network: nn.Module) -> None:
    """Replaces every convolution and the normalization behind it by one convolution, in place. The network must be in evaluation mode."""
    for module in network.modules():
        if isinstance(module, nn.Sequential):
            for place in range(len(module) - 1):
                if isinstance(module[place], nn.Conv2d | nn.ConvTranspose2d) and isinstance(module[place + 1], nn.BatchNorm2d):
                    module[place] = fuse_conv_bn_eval(module[place], module[place + 1], transpose=isinstance(module[place], nn.ConvTranspose2d))
                    module[place + 1] = nn.Identity()


def round_network(network: nn.Module) -> None:
    """Folds normalizations, then puts every weight and every activation on its int8 grid, in place."""
    training = network.training
    network.eval()
    fold_normalizations(network)
    # A convolution whose sum with the shortcut is rounded instead.
    summed = {id(module.project) for module in network.modules() if isinstance(module, InvertedResidual) and module.residual}
    inside = {id(child) for module in network.modules() if isinstance(module, Convolution) for child in module.modules() if child is not module}
    for module in list(network.modules()):
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            parametrize.register_parametrization(module, "weight", RoundedWeight(1 if isinstance(module, nn.ConvTranspose2d) else 0))
        rounds = isinstance(module, Convolution) and id(module) not in summed
        rounds |= isinstance(module, InvertedResidual) and module.residual
        rounds |= isinstance(module, nn.Conv2d | nn.ConvTranspose2d) and id(module) not in inside
        if rounds:
            module.add_module("rounding", Rounding())
            module.register_forward_hook(_round_output)
    network.train(training)


def _round_output(module: nn.Module, _inputs: object, output: Tensor) -> Tensor:
    return module.rounding(output)


def observe(network: nn.Module, observing: bool) -> None:
    """Whether ranges of activations still follow what is seen."""
    for module in network.modules():
        if isinstance(module, Rounding):
            module.observing = observing


def bake(network: nn.Module) -> None:
    """Makes a rounded network an ordinary one again, in place: its weights are those of the grid, its activations are rounded no more."""
    for module in list(network.modules()):
        if parametrize.is_parametrized(module, "weight"):
            parametrize.remove_parametrizations(module, "weight", leave_parametrized=True)
        if isinstance(getattr(module, "rounding", None), Rounding):
            del module.rounding
            module._forward_hooks.clear()
