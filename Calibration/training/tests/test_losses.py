"""The loss against values worked out by hand, and its gradient against finite differences."""

import math

import pytest
import torch

from textpin_training.losses import LossSettings, Targets, detection_loss, dice_loss, masked_l1, mined_cross_entropy
from textpin_training.networks import Logits

SETTINGS = LossSettings()


def maps(*rows: list[float]) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.float64)[None, None]


def drawn_targets(generator: torch.Generator, side: int = 8) -> Targets:
    text = (torch.rand(2, 1, side, side, generator=generator, dtype=torch.float64) < 0.3).double()
    mask = (torch.rand(2, 1, side, side, generator=generator, dtype=torch.float64) < 0.9).double()
    threshold = 0.3 + 0.4 * torch.rand(2, 1, side, side, generator=generator, dtype=torch.float64)
    return Targets(text, mask, threshold, text)


def test_three_hardest_negatives_for_each_positive():
    # One positive with P = 0.5; of five negatives the three with the highest P count: logits 2, 1, 0.
    logits = maps([0.0, -3.0, 2.0, 0.0, 1.0, -5.0])
    labels = maps([1.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    expected = (math.log(2) + math.log(1 + math.e**2) + math.log(1 + math.e) + math.log(2)) / 4
    assert mined_cross_entropy(logits, labels, torch.ones_like(labels), SETTINGS).item() == pytest.approx(expected)


def test_masked_pixels_do_not_count():
    logits, labels = maps([0.0, 9.0, 2.0]), maps([1.0, 0.0, 0.0])
    expected = (math.log(2) + math.log(1 + math.e**2)) / 2
    assert mined_cross_entropy(logits, labels, maps([1.0, 0.0, 1.0]), SETTINGS).item() == pytest.approx(expected)
    assert mined_cross_entropy(logits, labels, maps([0.0, 0.0, 0.0]), SETTINGS).item() == 0


def test_a_crop_without_text_gives_gradient():
    generator = torch.Generator().manual_seed(1)
    logits = torch.randn(1, 1, 32, 32, generator=generator, requires_grad=True)
    empty = torch.zeros(1, 1, 32, 32)
    loss = mined_cross_entropy(logits, empty, torch.ones_like(empty), SETTINGS)
    loss.backward()
    # 1 % of 1024 pixels, the ones that look most like text.
    assert (logits.grad > 0).sum().item() == 10
    assert logits[logits.grad > 0].min() >= logits[logits.grad == 0].max()
    without_floor = mined_cross_entropy(logits, empty, torch.ones_like(empty), LossSettings(negative_floor=0.0))
    assert without_floor.item() == 0


def test_binary_map_is_a_sigmoid_of_fifty_times_the_difference():
    logits = Logits(maps([0.4]), maps([-0.3]))
    difference = 1 / (1 + math.exp(-0.4)) - 1 / (1 + math.exp(0.3))
    assert logits.binary().sigmoid().item() == pytest.approx(1 / (1 + math.exp(-50 * difference)), rel=1e-5)


def test_weights_of_the_formula_and_of_the_authors_code():
    generator = torch.Generator().manual_seed(2)
    logits = Logits(*(torch.randn(2, 1, 8, 8, generator=generator) for _ in range(2)))
    targets = Targets(*(map_.float() for map_ in drawn_targets(generator)))
    loss = detection_loss(logits, targets, SETTINGS)
    assert loss.total.item() == pytest.approx((loss.probability + loss.binary + 10 * loss.threshold).item())
    code = detection_loss(logits, targets, LossSettings(code_variant=True))
    assert code.binary.item() == pytest.approx(dice_loss(logits.binary().sigmoid(), targets.text, targets.text_mask).item())
    assert code.total.item() == pytest.approx((5 * code.probability + code.binary + 10 * code.threshold).item())
    plain = detection_loss(logits, targets, LossSettings(differentiable_binarization=False))
    assert plain.total.item() == pytest.approx(plain.probability.item())
    unsupervised = detection_loss(logits, targets, LossSettings(threshold_supervision=False))
    assert unsupervised.total.item() == pytest.approx((loss.probability + loss.binary).item())


def test_dice_and_l1_by_hand():
    ones = maps([1.0, 1.0, 1.0])
    assert dice_loss(maps([0.5, 0.5, 0.0]), maps([1.0, 0.0, 0.0]), ones).item() == pytest.approx(1 - 2 * 0.5 / (1 + 1), abs=1e-5)
    assert masked_l1(maps([0.5, 0.1, 0.9]), maps([0.3, 0.7, 0.4]), maps([1.0, 0.0, 1.0])).item() == pytest.approx(0.35)
    assert masked_l1(maps([0.5]), maps([0.3]), maps([0.0])).item() == 0


@pytest.mark.parametrize("settings", [SETTINGS, LossSettings(code_variant=True), LossSettings(threshold_supervision=False)])
def test_gradient_equals_finite_differences(settings: LossSettings, monkeypatch: pytest.MonkeyPatch):
    # In float64, which the loss itself would leave for float32.
    monkeypatch.setattr(torch.Tensor, "float", torch.Tensor.double)
    generator = torch.Generator().manual_seed(3)
    targets = drawn_targets(generator)
    # Near 0, where k (P - T) is not saturated.
    probability, threshold = (0.05 * torch.randn(2, 1, 8, 8, generator=generator, dtype=torch.float64) for _ in range(2))

    def total(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        return detection_loss(Logits(first, second), targets, settings).total

    assert torch.autograd.gradcheck(total, (probability.requires_grad_(), threshold.requires_grad_()), eps=1e-7, atol=1e-5)


def test_bfloat16_logits_give_the_same_loss():
    generator = torch.Generator().manual_seed(4)
    logits = Logits(*((4 * torch.randn(2, 1, 16, 16, generator=generator)).bfloat16() for _ in range(2)))
    targets = Targets(*(map_.float() for map_ in drawn_targets(generator, 16)))
    exact = Logits(*(map_.float() for map_ in logits))
    assert detection_loss(logits, targets, SETTINGS).total.item() == detection_loss(exact, targets, SETTINGS).total.item()
    extreme = Logits(torch.full((2, 1, 16, 16), 300.0).bfloat16().requires_grad_(), torch.full((2, 1, 16, 16), -300.0).bfloat16().requires_grad_())
    loss = detection_loss(extreme, targets, SETTINGS).total
    loss.backward()
    assert math.isfinite(loss.item()) and extreme.probability.grad.isfinite().all() and extreme.threshold.grad.isfinite().all()
