"""The paper's ablations: what differentiable binarization and the supervision of the threshold map are worth, at the same budget."""

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from ..data.readers import LabelledFile
from ..recipe import Recipe
from ..scores import Counts
from ..validation import best_settings, count, found_maps
from . import checkpoints
from .run import Place, Run

VARIANTS = {
    "with both": {},
    "without threshold supervision": {"threshold_supervision": False},
    "without differentiable binarization": {"differentiable_binarization": False},
}


class Outcome(NamedTuple):
    """Of one run: what was measured with box settings that were chosen on the held-out pictures."""

    variant: str
    seed: int
    counts: Counts


def ablate(recipe: Recipe, seeds: Sequence[int], files: Sequence[LabelledFile], folder: Path, place: Place) -> Iterator[Outcome]:
    """Trains every variant with every seed, which decides weights and data alike, and measures it on `files`. Runs that lie in `folder` are gone on with."""
    for seed in seeds:
        for variant, changes in VARIANTS.items():
            changed = dataclasses.replace(
                recipe,
                loss=dataclasses.replace(recipe.loss, **changes),
                mix=dataclasses.replace(recipe.mix, seed=seed),
                optimization=dataclasses.replace(recipe.optimization, seed=seed),
            )
            run_folder = folder / f"{variant.replace(' ', '-')}-{seed}"
            run = Run(changed, run_folder, place)
            run.resume()
            run.train()
            network, _ = checkpoints.trained_network(run_folder / "last.pt")
            size, device = recipe.data.validation_size, place.device
            network.to(device)
            settings = best_settings(list(found_maps(network, run.held_out, size, device)), recipe.boxes)
            yield Outcome(variant, seed, count(found_maps(network, files, size, device), settings))
