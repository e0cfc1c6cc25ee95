"""Whole runs of a small network: it learns, goes on where it was stopped, and stops where it must."""

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from drawn import drawn_pictures, write_folder

from textpin_training.boxes import BoxSettings
from textpin_training.data.augmentation import AugmentationSettings
from textpin_training.data.camera import CameraFaults
from textpin_training.data.readers import read_folder
from textpin_training.data.samples import MixSettings
from textpin_training.losses import LossSettings
from textpin_training.optimization import checkpoints
from textpin_training.optimization.run import Place, Run, TrainingError
from textpin_training.recipe import DataSettings, DistillationSettings, OptimizationSettings, QuantizationSettings, Recipe
from textpin_training.validation import count, found_maps

ALONE = Place(0, 1, torch.device("cpu"))
NO_FAULTS = CameraFaults(light=0, colour=0, low_light=0, blur=0, motion=0, noise=0, jpeg=0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_folder(tmp_path / "data", drawn_pictures())
    return tmp_path / "data"


def small_recipe(folder: Path, **changes: object) -> Recipe:
    """Four pictures as they are, by a nano network."""
    recipe = Recipe(
        name="small",
        network="nano",
        data=DataSettings((str(folder),), held_out=0, validation_size=(192, 192), workers=0),
        mix=MixSettings(synthetic=0.0),
        augmentation=AugmentationSettings(size=192, scale=(1.0, 1.0), rotation=0.0, stretch=1.0, flip=0.0, text_share=0.0, overhang=0.0, camera=NO_FAULTS),
        loss=LossSettings(code_variant=True),
        optimization=OptimizationSettings(learning_rate=0.004, warm_up=10, steps=12, batch=4, precision="float32", average=0.9, validate_every=1000),
    )
    return dataclasses.replace(recipe, **changes)


def optimized(recipe: Recipe, **changes: object) -> Recipe:
    return dataclasses.replace(recipe, optimization=dataclasses.replace(recipe.optimization, **changes))


def losses(run_folder: Path) -> dict[int, float]:
    lines = [json.loads(line) for line in (run_folder / "curves.jsonl").read_text().splitlines()]
    return {line["step"]: line["loss"] for line in lines if "loss" in line}


def test_four_pictures_are_learnt_by_heart(folder: Path, tmp_path: Path):
    recipe = optimized(small_recipe(folder), steps=450)
    run = Run(recipe, tmp_path / "run", ALONE)
    before = count(found_maps(run.average.network, read_folder(folder), (192, 192), ALONE.device), BoxSettings())
    assert before.hmean < 0.5
    run.train()
    network, _ = checkpoints.trained_network(tmp_path / "run" / "last.pt")
    counts = count(found_maps(network, read_folder(folder), (192, 192), ALONE.device), BoxSettings())
    assert counts.texts == 8
    assert counts.hmean == 1.0


@pytest.mark.parametrize("quantization", [QuantizationSettings(), QuantizationSettings(steps=6, observe=2)], ids=["float", "rounded"])
@pytest.mark.parametrize("stop", [4, 8])
def test_a_stopped_run_goes_on_as_if_it_had_not_been(folder: Path, tmp_path: Path, quantization: QuantizationSettings, stop: int):
    recipe = small_recipe(folder, quantization=quantization)
    whole = Run(recipe, tmp_path / "whole", ALONE)
    whole.train()
    Run(recipe, tmp_path / "parts", ALONE).train(until=stop)
    rest = Run(recipe, tmp_path / "parts", ALONE)
    assert rest.resume() and rest.step == stop
    rest.train()
    assert losses(tmp_path / "parts")[12] == losses(tmp_path / "whole")[12]
    for name, values in whole.average.network.state_dict().items():
        assert torch.equal(rest.average.network.state_dict()[name], values), name


def test_a_loss_that_is_no_number_ends_the_run_and_keeps_the_batch(folder: Path, tmp_path: Path):
    run = Run(small_recipe(folder), tmp_path / "run", ALONE)
    with torch.no_grad():
        run.network.backbone.stem[0][0].weight[0, 0, 0, 0] = float("nan")
    with pytest.raises(TrainingError, match="no number at step 0"):
        run.train()
    kept = torch.load(tmp_path / "run" / "batch-0-rank-0.pt", weights_only=True)
    assert kept["pixels"].shape == (4, 3, 192, 192)
    assert not (tmp_path / "run" / "last.pt").exists()


def test_a_student_comes_nearer_to_its_teacher(folder: Path, tmp_path: Path):
    Run(optimized(small_recipe(folder), steps=40), tmp_path / "teacher", ALONE).train()
    teacher = str(tmp_path / "teacher" / "last.pt")
    recipe = small_recipe(folder, distillation=DistillationSettings(teacher=teacher, map_weight=1.0, feature_weight=1.0))
    run = Run(optimized(recipe, steps=40, seed=5), tmp_path / "student", ALONE)
    pixels = torch.stack([run.samples[index][0] for index in range(4)])

    def distance() -> float:
        run.network.train()
        with torch.no_grad():
            return run.distillation.loss(pixels, run.network(pixels)).item()

    before = distance()
    run.train()
    assert distance() < 0.5 * before


def test_two_processes_train_one_network(folder: Path, tmp_path: Path):
    (tmp_path / "small.toml").write_text(
        f'network = "nano"\n[data]\nfolders = ["{folder}"]\nheld_out = 0\nworkers = 0\n[mix]\nsynthetic = 0\n[augmentation]\nsize = 96\n'
        '[optimization]\nsteps = 10\nbatch = 2\nprecision = "float32"\n'
    )
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "textpin_training"]
    command += ["train", str(tmp_path / "small.toml"), "--out", str(tmp_path / "run")]
    paths = [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    # One of them speaks, and writes.
    assert done.stderr.count("step 10 of 10") == 1
    assert list(losses(tmp_path / "run")) == [10]
    assert checkpoints.load(tmp_path / "run" / "last.pt")["step"] == 10


def test_it_ends_early_when_nothing_gets_better(folder: Path, tmp_path: Path):
    recipe = optimized(small_recipe(folder), validate_every=2, patience=2, learning_rate=1e-9, steps=100)
    recipe = dataclasses.replace(recipe, data=dataclasses.replace(recipe.data, held_out=2))
    run = Run(recipe, tmp_path / "run", ALONE)
    run.train()
    # The first validation is the best there is; two more are not better.
    assert run.step == 6
    assert checkpoints.load(tmp_path / "run" / "best.pt")["step"] == 2
