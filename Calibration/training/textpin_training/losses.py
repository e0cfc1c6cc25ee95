"""DBNet's loss, L = Ls + alpha Lb + beta Lt (Liao et al. 2020, section 3.4), and the variant of the authors' code.

Everything is computed in float32 from logits, whatever the network ran in.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from .networks import Logits


@dataclass(frozen=True)
class LossSettings:
    """binary_weight: alpha. threshold_weight: beta. negatives: how many hard negatives for each positive pixel. negative_floor: of a crop's pixels, how many are
    taken as negatives at least, so that a crop without text teaches too (in the authors' code it gives no gradient). code_variant: 5 Ls, and Dice for Lb, as in the
    authors' code. differentiable_binarization, threshold_supervision: the paper's ablations; without the first, Lb and Lt are left out, and the probability
    map is binarized by a constant."""

    binary_weight: float = 1.0
    threshold_weight: float = 10.0
    negatives: float = 3.0
    negative_floor: float = 0.01
    code_variant: bool = False
    differentiable_binarization: bool = True
    threshold_supervision: bool = True


class Targets(NamedTuple):
    """The label maps of a batch, float32 [batch, 1, height, width] each; see labels.LabelMaps."""

    text: Tensor
    text_mask: Tensor
    threshold: Tensor
    threshold_mask: Tensor


class Loss(NamedTuple):
    """Scalars: the sum that is minimized, and its parts as they enter the paper's formula, not weighted."""

    total: Tensor
    probability: Tensor
    binary: Tensor
    threshold: Tensor


def detection_loss(logits: Logits, targets: Targets, settings: LossSettings) -> Loss:
    """The loss of a batch: the mean over what hard negative mining takes, for Ls and Lb, and over the dilated polygons, for Lt."""
    probability = mined_cross_entropy(logits.probability.float(), targets.text, targets.text_mask, settings)
    zero = probability.new_zeros(())
    binary = threshold = zero
    if settings.differentiable_binarization:
        if settings.code_variant:
            binary = dice_loss(logits.binary().sigmoid(), targets.text, targets.text_mask)
        else:
            binary = mined_cross_entropy(logits.binary(), targets.text, targets.text_mask, settings)
        if settings.threshold_supervision:
            threshold = masked_l1(logits.threshold.float().sigmoid(), targets.threshold, targets.threshold_mask)
    probability_weight = 5.0 if settings.code_variant else 1.0
    total = probability_weight * probability + settings.binary_weight * binary + settings.threshold_weight * threshold
    return Loss(total, probability.detach(), binary.detach(), threshold.detach())


def mined_cross_entropy(logits: Tensor, labels: Tensor, mask: Tensor, settings: LossSettings) -> Tensor:
    """Binary cross-entropy over all positive pixels and the hardest negative ones, `negatives` for each positive but not fewer than the floor; 0 if all is
    masked."""
    losses = functional.binary_cross_entropy_with_logits(logits, labels, reduction="none")
    positive = labels * mask
    negative = (1.0 - labels) * mask
    positives = positive.sum()
    floor = settings.negative_floor * mask.numel()
    count = int(min(negative.sum().item(), max(settings.negatives * positives.item(), floor)))
    hardest = torch.topk((losses * negative).flatten(), count, sorted=False).values
    return ((losses * positive).sum() + hardest.sum()) / (positives + count).clamp(min=1.0)


def dice_loss(map_: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
    """1 - 2 |A B| / (|A| + |B|) where the mask is 1."""
    overlap = (map_ * labels * mask).sum()
    return 1.0 - 2.0 * overlap / ((map_ * mask).sum() + (labels * mask).sum() + 1e-6)


def masked_l1(map_: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
    """The mean absolute difference where the mask is 1; 0 if it is nowhere."""
    return ((map_ - labels).abs() * mask).sum() / mask.sum().clamp(min=1.0)
