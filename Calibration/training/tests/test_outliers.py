"""The loss on values far beyond what is usual in their tensor."""

import pytest
import torch

from textpin_training.networks import make_network
from textpin_training.optimization.outliers import OutlierLoss, OutlierSettings, _excess


def test_only_what_exceeds_the_limit_costs():
    values = torch.ones(2, 1, 4, 8)
    assert _excess(values, 20.0).item() == 0.0
    values[0, 0, 0, 0], values[1, 0, 3, 7] = -50.0, 20.0
    assert _excess(values, 20.0).item() == pytest.approx((50.0 / 20.0 - 1.0) / 64, rel=1e-4)


def test_units_do_not_matter():
    values = torch.randn(1, 4, 16, 16, generator=torch.Generator().manual_seed(1)) ** 5
    assert _excess(values, 20.0).item() > 0.1
    assert _excess(1000.0 * values, 20.0).item() == pytest.approx(_excess(values, 20.0).item(), rel=1e-3)


def test_descending_it_brings_an_outlier_back():
    """A channel whose weights are a thousand times the others'."""
    network = make_network("mobilenet-v3", 1).train()
    with torch.no_grad():
        network.pyramid.lateral[0][0].weight[5] *= 1000.0
    outliers = OutlierLoss(network, OutlierSettings(weight=1.0))
    pixels = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    optimizer = torch.optim.Adam(network.pyramid.lateral[0].parameters(), lr=5.0)
    losses = []
    for _ in range(20):
        network(pixels)
        loss = outliers.take()
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert losses[0] > 0.5
    assert losses[-1] < 0.5 * losses[0]


def test_what_is_validated_leaves_nothing_behind():
    network = make_network("nano", 1).eval()
    outliers = OutlierLoss(network, OutlierSettings())
    network(torch.zeros(1, 3, 64, 64))
    assert outliers.outputs == []
    network.train()(torch.ones(1, 3, 64, 64))
    assert len(outliers.outputs) == len(network.backbone.stages) + len(network.pyramid.lateral)
