"""Checkpoints: the whole state of a run, from which it goes on as if it had not been stopped."""

import os
import pickle
from pathlib import Path
from typing import Any

import torch

from ..networks import Detector, make_network
from ..networks.rounding import bake, round_network
from ..recipe import Recipe, RecipeError, from_table


def save(path: Path, state: dict[str, Any]) -> None:
    """Writes a checkpoint whole or not at all."""
    temporary = path.with_suffix(path.suffix + ".partial")
    torch.save(state, temporary)
    os.replace(temporary, path)


def load(path: Path) -> dict[str, Any]:
    """Raises RecipeError if it is not a checkpoint of this package."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise RecipeError(f"{path} is not there: a checkpoint (.pt) of a run was expected.") from None
    except (RuntimeError, pickle.UnpicklingError, EOFError, ValueError) as error:
        raise RecipeError(f"{path} is not a checkpoint that can be read: {error}.") from None
    if not isinstance(state, dict) or not {"recipe", "average", "step", "rounded"} <= state.keys():
        raise RecipeError(f"{path} is not a checkpoint of a training run: recipe, average, step and rounded were expected in it.")
    return state


def trained_network(path: Path) -> tuple[Detector, Recipe]:
    """The averaged network of a checkpoint, ready for inference, and the recipe that made it; after a quantization-aware phase it has no normalizations."""
    state = load(path)
    recipe = from_table(state["recipe"])
    network = make_network(recipe.network, recipe.optimization.seed)
    if state["rounded"]:
        round_network(network)
    network.load_state_dict(state["average"])
    if state["rounded"]:
        bake(network)
    return network.eval(), recipe
