"""The optimizer, and how its learning rate falls."""

from torch import nn, optim

from ..recipe import OptimizationSettings, Recipe


def learning_rate(step: int, recipe: Recipe) -> float:
    """Of step `step`, counted from 0: rising over the warm-up, then (1 - step / steps) ^ power of the base rate (the paper's "poly"); constant and small in
    the quantization-aware phase at the end."""
    settings = recipe.optimization
    float_steps = settings.steps - recipe.quantization.steps
    if step >= float_steps:
        return recipe.quantization.learning_rate
    rising = min((step + 1) / max(settings.warm_up, 1), 1.0)
    return settings.learning_rate * rising * (1.0 - step / float_steps) ** settings.power


def make_optimizer(network: nn.Module, settings: OptimizationSettings) -> optim.Optimizer:
    """AdamW, or SGD with momentum; weights decay, biases and normalizations do not."""
    decaying = [value for value in network.parameters() if value.requires_grad and value.ndim > 1]
    others = [value for value in network.parameters() if value.requires_grad and value.ndim <= 1]
    groups = [{"params": decaying, "weight_decay": settings.weight_decay}, {"params": others, "weight_decay": 0.0}]
    if settings.optimizer == "sgd":
        return optim.SGD(groups, lr=settings.learning_rate, momentum=settings.momentum)
    return optim.AdamW(groups, lr=settings.learning_rate)
