"""What training sees: for every number a crop with its label maps, drawn from photos and synthetic scenes; the same for the same seed, in any process."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from ..labels import LabelSettings, label_maps
from ..losses import Targets
from ..pictures import Picture
from ..preprocessing import network_input
from ..synthetic.scenes import SceneGenerator
from .augmentation import AugmentationSettings, augment
from .readers import LabelledFile


@dataclass(frozen=True)
class MixSettings:
    """synthetic: the share of synthetic scenes; seed: of all that is drawn. scene_size: width and height of a scene before augmentation."""

    synthetic: float = 0.3
    seed: int = 1
    scene_size: tuple[int, int] = (896, 640)


class Samples(Dataset):
    """Sample number i, for any i: there are as many as anyone asks for."""

    def __init__(self, files: Sequence[LabelledFile], mix: MixSettings, augmentation: AugmentationSettings, labels: LabelSettings):
        self.files = list(files)
        self.mix = mix
        self.augmentation = augmentation
        self.labels = labels
        backgrounds: list[Path] = [file.path for file in self.files]
        self.scenes = SceneGenerator(mix.seed, mix.scene_size, backgrounds) if mix.synthetic > 0 or not self.files else None

    def picture(self, index: int) -> Picture:
        """The crop of a sample, before it becomes tensors."""
        random = np.random.default_rng([self.mix.seed, index])
        if self.scenes is not None and (not self.files or random.random() < self.mix.synthetic):
            source = self.scenes.scene(index)
        else:
            # Every file once before any comes again.
            round_, place = divmod(index, len(self.files))
            order = np.random.default_rng([self.mix.seed, 1 << 20, round_]).permutation(len(self.files))
            source = self.files[order[place]].read()
        return augment(source, self.augmentation, random)

    def __getitem__(self, index: int) -> tuple[Tensor, ...]:
        """Input [3, size, size] and the four label maps, float32 [1, size, size]."""
        picture = self.picture(index)
        height, width = picture.pixels.shape[:2]
        maps = label_maps(picture.instances, width, height, self.labels)
        return network_input(picture.pixels), *(torch.from_numpy(map_)[None] for map_ in maps)


def batches(samples: Samples, size: int, first: int, rank: int, ranks: int, workers: int) -> Iterator[tuple[Tensor, Targets]]:
    """Batches without end from batch number `first` on, of `size` samples for this rank; what a number holds does not depend on where one began."""

    def numbers() -> Iterator[list[int]]:
        batch = first
        while True:
            start = (batch * ranks + rank) * size
            yield list(range(start, start + size))
            batch += 1

    loader = DataLoader(samples, batch_sampler=numbers(), num_workers=workers, prefetch_factor=4 if workers else None)
    for pixels, *maps in loader:
        yield pixels, Targets(*maps)
