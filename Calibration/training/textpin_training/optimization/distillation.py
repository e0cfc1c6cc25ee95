"""Learning from a larger network too: its probability map, and what its backbone makes of a picture at every scale."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..networks import Detector, Logits
from ..recipe import DistillationSettings


class Distillation:
    """Runs the teacher beside the student. Stages whose features have the same shape are compared; others are left alone."""

    def __init__(self, teacher: Detector, student: Detector, settings: DistillationSettings):
        self.teacher = teacher.eval().requires_grad_(False)
        self.settings = settings
        self.teacher_stages = _record_stages(self.teacher)
        self.student_stages = _record_stages(student)

    def loss(self, pixels: Tensor, student: Logits) -> Tensor:
        """A scalar for a batch that the student has just been run on."""
        with torch.no_grad():
            teacher = self.teacher(pixels)
        target = teacher.probability.float().sigmoid()
        # What the teacher takes for text, or is unsure about, counts as much as all the rest of the picture.
        weight = target.clamp(min=0.02)
        map_loss = functional.binary_cross_entropy_with_logits(student.probability.float(), target, reduction="none")
        total = self.settings.map_weight * (map_loss * weight).sum() / weight.sum()
        for mine, other in zip(self.student_stages, self.teacher_stages, strict=True):
            if mine[0].shape == other[0].shape:
                theirs = other[0].float()
                # In units of the teacher's deviation, channel by channel.
                deviation = theirs.std(dim=(0, 2, 3), keepdim=True) + 1e-3
                total = total + self.settings.feature_weight * ((mine[0].float() - theirs) / deviation).square().mean() / len(self.student_stages)
        return total


def _record_stages(network: Detector) -> list[list[Tensor]]:
    """A cell for each stage of the backbone, holding its last output."""
    cells: list[list[Tensor]] = []
    for stage in network.backbone.stages:
        cell: list[Tensor] = []

        def record(_module: nn.Module, _inputs: object, output: Tensor, cell: list[Tensor] = cell) -> None:
            cell[:] = [output]

        stage.register_forward_hook(record)
        cells.append(cell)
    return cells
