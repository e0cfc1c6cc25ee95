"""The quantization-aware phase computes on the grids that DESIGN.md fixes."""

import torch
from torch import nn

from textpin_training.networks import make_network
from textpin_training.networks.rounding import RoundedWeight, Rounding, bake, fold_normalizations, observe, round_network


def drawn(*shape: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_weights_take_255_values_in_every_output_channel():
    weight = drawn(4, 3, 3, 3) * torch.tensor([1.0, 10.0, 0.1, 3.0]).view(4, 1, 1, 1)
    rounded = RoundedWeight(0)(weight)
    for before, after in zip(weight, rounded, strict=True):
        step = before.abs().max() / 127
        assert torch.allclose(after / step, torch.round(before / step), atol=1e-3)
        assert (after / step).abs().max() <= 127.001


def test_activations_round_to_the_observed_range_with_zero_on_the_grid():
    rounding = Rounding().train()
    values = torch.linspace(-1.0, 3.0, 1000)
    rounded = rounding(values)
    rounding.observing = False
    step = 4.0 / 255
    assert (rounded - values).abs().max() <= step * 0.51
    assert rounding(torch.zeros(1)).item() == 0
    assert torch.allclose(rounded / step, torch.round(rounded / step), atol=1e-3)
    assert abs(rounding(torch.tensor([10.0])).item() - 3.0) <= step


def test_gradients_pass_rounding_and_stop_where_a_value_is_clamped():
    rounding = Rounding().train()
    rounding(torch.linspace(0.0, 1.0, 11))
    rounding.observing = False
    values = torch.tensor([0.3, 0.777, 5.0], requires_grad=True)
    rounding(values).sum().backward()
    assert values.grad.tolist() == [1.0, 1.0, 0.0]


def test_folding_changes_no_map():
    network = make_network("nano", 3)
    network.train()
    network(drawn(2, 3, 64, 64))
    network.eval()
    pixels = drawn(1, 3, 64, 96, seed=2)
    before = network(pixels)
    fold_normalizations(network)
    assert not [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    for old, new in zip(before, network(pixels), strict=True):
        assert torch.allclose(old, new, atol=1e-4)


def test_a_rounded_network_is_near_the_float_one_and_baking_keeps_its_weights():
    network = make_network("mobilenet-v3", 3)
    for seed in range(3):
        network.train()(drawn(2, 3, 64, 64, seed=seed))
    network.eval()
    pixels = drawn(1, 3, 64, 96, seed=9)
    before = network(pixels).probability
    round_network(network)
    network.train()(pixels)
    observe(network, False)
    network.eval()
    rounded = network(pixels).probability
    assert 0 < (rounded - before).abs().mean() < 0.1 * before.std()
    convolution = network.probability.reduce[0]
    weight = convolution.weight.detach().clone()
    bake(network)
    assert torch.equal(network.probability.reduce[0].weight, weight)
    step = weight.abs().amax(dim=(1, 2, 3), keepdim=True) / 127
    assert torch.allclose(weight / step, torch.round(weight / step), atol=1e-3)
    assert not [module for module in network.modules() if isinstance(module, Rounding)]
