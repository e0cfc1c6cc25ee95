"""A training run: from a recipe to checkpoints, curves and the best network, on one process or on many under torchrun."""

import json
import math
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from ..data.readers import LabelledFile, read_folder
from ..data.samples import Samples, batches
from ..losses import Loss, Targets, detection_loss
from ..networks import Detector, make_network
from ..networks.cut import cut_down
from ..networks.onnx_weights import load_onnx_weights
from ..networks.rounding import observe, round_network
from ..recipe import DataSettings, Recipe, as_table
from ..validation import count, found_maps
from . import checkpoints
from .average import MovingAverage
from .distillation import Distillation
from .outliers import OutlierLoss
from .schedule import learning_rate, make_optimizer


class TrainingError(Exception):
    """A run that cannot go on: one sentence for the user."""


@dataclass(frozen=True)
class Place:
    """Where this process stands among those that torchrun started, and what it computes on."""

    rank: int
    ranks: int
    device: torch.device

    @staticmethod
    def find() -> "Place":
        """From torchrun's environment; alone without one."""
        rank, ranks = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
        if torch.cuda.is_available():
            device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
            torch.cuda.set_device(device)
        else:
            device = torch.device("cpu")
        if ranks > 1:
            distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
        return Place(rank, ranks, device)

    @property
    def speaks(self) -> bool:
        """One process of all writes files and progress."""
        return self.rank == 0


class Run:
    """A run in `folder`: `last.pt` (to resume), `best.pt` (the best average so far by the held-out pictures), `curves.jsonl`, TensorBoard's events."""

    def __init__(self, recipe: Recipe, folder: Path, place: Place):
        self.recipe = recipe
        self.folder = folder
        self.place = place
        folder.mkdir(parents=True, exist_ok=True)
        training, self.held_out = split(recipe.data)
        self.samples = Samples(training, recipe.mix, recipe.augmentation, recipe.labels)
        self.network = starting_network(recipe).to(place.device, memory_format=torch.channels_last)
        self.average = MovingAverage(self.network, recipe.optimization.average)
        self.optimizer = make_optimizer(self.network, recipe.optimization)
        self.distillation = None
        if recipe.distillation.teacher:
            teacher, _ = checkpoints.trained_network(Path(recipe.distillation.teacher))
            teacher = teacher.to(place.device, memory_format=torch.channels_last)
            self.distillation = Distillation(teacher, self.network, recipe.distillation)
        self.outliers = OutlierLoss(self.network, recipe.outliers) if recipe.outliers.weight > 0 else None
        self.step = 0
        self.best = -1.0
        self.worse = 0
        self.rounded = False

    def resume(self) -> bool:
        """Goes on from `last.pt` if it is there."""
        path = self.folder / "last.pt"
        if not path.exists():
            return False
        state = checkpoints.load(path)
        if state["rounded"]:
            self._begin_rounding()
        self.network.load_state_dict(state["network"])
        self.average.network.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.best, self.worse = state["step"], state["best"], state["worse"]
        return True

    def train(self, until: int | None = None) -> None:
        """Trains to the end of the recipe, or to step `until`. Raises TrainingError if the loss is no number."""
        last = self.recipe.optimization.steps if until is None else min(until, self.recipe.optimization.steps)
        float_steps = self.recipe.optimization.steps - self.recipe.quantization.steps
        with Curves(self.folder, self.place.speaks) as curves:
            if self.step < min(last, float_steps):
                self._train_phase(curves, min(last, float_steps))
            if last > float_steps and self.step < last:
                if not self.rounded:
                    self.step, self.best, self.worse = float_steps, -1.0, 0
                    self._begin_rounding()
                self._train_phase(curves, last)

    def _train_phase(self, curves: "Curves", end: int) -> None:
        """Trains to step `end`, or until validation finds nothing better for as long as the recipe says."""
        settings = self.recipe.optimization
        shell: nn.Module = DistributedDataParallel(self.network) if self.place.ranks > 1 else self.network
        began, first = time.monotonic(), self.step
        for pixels, targets in batches(self.samples, settings.batch, first, self.place.rank, self.place.ranks, self.recipe.data.workers):
            loss = self._train_step(shell, pixels, targets)
            self.step += 1
            if self.step % 10 == 0 or self.step == end:
                speed = (self.step - first) * settings.batch * self.place.ranks / (time.monotonic() - began)
                curves.losses(self.step, settings.steps, loss, learning_rate(self.step - 1, self.recipe), speed)
            if self.step % settings.validate_every == 0 or self.step == settings.steps:
                if self._finish_interval(curves):
                    return
            elif self.step == end:
                self._save("last.pt")
            if self.step == end:
                return

    def _begin_rounding(self) -> None:
        """From here on the network computes as the int8 one will; the average is a copy of it, so it gets the same form."""
        round_network(self.network)
        round_network(self.average.network)
        self.average.network.requires_grad_(False)
        self.optimizer = make_optimizer(self.network, self.recipe.optimization)
        self.rounded = True

    def _train_step(self, shell: nn.Module, pixels: Tensor, targets: Targets) -> Loss:
        recipe, device = self.recipe, self.place.device
        self.network.train()
        if self.rounded:
            observe(self.network, self.step < recipe.optimization.steps - recipe.quantization.steps + recipe.quantization.observe)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.step, recipe)
        pixels = pixels.to(device, memory_format=torch.channels_last)
        targets = Targets(*(map_.to(device) for map_ in targets))
        with torch.autocast(device.type, torch.bfloat16, enabled=recipe.optimization.precision == "bfloat16"):
            logits = shell(pixels)
            further = [self.distillation.loss(pixels, logits)] if self.distillation else []
        if self.outliers:
            further.append(self.outliers.take())
        loss = detection_loss(logits, targets, recipe.loss)
        total = loss.total + sum(further)
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), recipe.optimization.gradient_norm)
        if not math.isfinite(total.item()) or not math.isfinite(norm.item()):
            path = self.folder / f"batch-{self.step}-rank-{self.place.rank}.pt"
            torch.save({"pixels": pixels, "targets": tuple(targets), "network": self.network.state_dict()}, path)
            raise TrainingError(
                f"The loss or its gradient is no number at step {self.step}: the batch and the network are kept in {path}; a lower learning rate may help."
            )
        self.optimizer.step()
        self.average.update(self.network, self.step)
        return loss._replace(total=total.detach())

    def _finish_interval(self, curves: "Curves") -> bool:
        """Validates and saves; true if the run should end early. Every process takes part, so that all decide alike."""
        hmean = 0.0
        if self.held_out:
            maps = found_maps(self.average.network, self.held_out, self.recipe.data.validation_size, self.place.device)
            counts = count(maps, self.recipe.boxes)
            hmean = counts.hmean
            curves.scores(self.step, counts.precision, counts.recall, hmean)
        if hmean > self.best:
            self.best, self.worse = hmean, 0
            self._save("best.pt")
        else:
            self.worse += 1
        self._save("last.pt")
        return 0 < self.recipe.optimization.patience <= self.worse

    def _save(self, name: str) -> None:
        if not self.place.speaks:
            return
        state = {
            "recipe": as_table(self.recipe), "average": self.average.network.state_dict(), "step": self.step, "rounded": self.rounded,
            "best": self.best, "worse": self.worse,
        }  # fmt: skip
        if name == "last.pt":
            state |= {"network": self.network.state_dict(), "optimizer": self.optimizer.state_dict()}
        checkpoints.save(self.folder / name, state)


class Curves:
    """What a run tells while it goes: a progress line, `curves.jsonl`, and TensorBoard's events."""

    def __init__(self, folder: Path, speaks: bool):
        self.folder = folder
        self.speaks = speaks

    def __enter__(self) -> Self:
        if self.speaks:
            from torch.utils.tensorboard import SummaryWriter

            self.lines = (self.folder / "curves.jsonl").open("a", encoding="utf-8")
            self.board = SummaryWriter(str(self.folder))
        return self

    def __exit__(self, *_: object) -> None:
        if self.speaks:
            self.lines.close()
            self.board.close()

    def losses(self, step: int, steps: int, loss: Loss, rate: float, pictures_per_second: float) -> None:
        values = {"loss": loss.total, "probability": loss.probability, "binary": loss.binary, "threshold": loss.threshold}
        numbers = {name: round(value.item(), 5) for name, value in values.items()}
        text = f"step {step} of {steps}  loss {numbers['loss']:.3f}  rate {rate:.2e}  {pictures_per_second:.1f} pictures/s"
        self._tell(step, {**numbers, "learning_rate": rate}, text, end="\r" if sys.stderr.isatty() else "\n")

    def scores(self, step: int, precision: float, recall: float, hmean: float) -> None:
        text = f"step {step}: held-out precision {precision:.4f}  recall {recall:.4f}  H-mean {hmean:.4f}"
        self._tell(step, {"precision": precision, "recall": recall, "hmean": hmean}, text, end="\n")

    def _tell(self, step: int, values: dict[str, float], text: str, end: str) -> None:
        if not self.speaks:
            return
        print(text, end=end, file=sys.stderr, flush=True)
        print(json.dumps({"step": step, **values}), file=self.lines, flush=True)
        for name, value in values.items():
            self.board.add_scalar(name, value, step)


def split(data: DataSettings) -> tuple[list[LabelledFile], list[LabelledFile]]:
    """The files to train on, and those held out for validation."""
    files = [file for folder in data.folders for file in read_folder(Path(folder))]
    held_out = [file for number, file in enumerate(files) if data.held_out and number % data.held_out == 0]
    training = [file for number, file in enumerate(files) if not data.held_out or number % data.held_out]
    return training, held_out


def starting_network(recipe: Recipe) -> Detector:
    """The network that a recipe begins with: drawn from its seed, then filled from `start`."""
    network = make_network(recipe.network, recipe.optimization.seed)
    if not recipe.start:
        return network
    path = Path(recipe.start).expanduser()
    if path.suffix == ".onnx":
        load_onnx_weights(network, path)
        return network
    source, other = checkpoints.trained_network(path)
    if recipe.cut:
        if not cut_down(source, network):
            raise TrainingError(f"{path} holds a {other.network}, of which no block fits into a {recipe.network}: a larger network of its kind was expected.")
    elif other.network != recipe.network:
        raise TrainingError(f"{path} holds a {other.network}, where a {recipe.network} was expected; 'cut = true' cuts one down.")
    else:
        network.load_state_dict(source.state_dict())
    return network
