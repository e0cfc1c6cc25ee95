"""The command line: train, export, show."""

import argparse
import sys
from pathlib import Path

from .data.readers import DataError
from .networks.onnx_weights import WeightsError
from .optimization.run import Place, Run, TrainingError
from .recipe import RecipeError, read_recipe

BAD_COMMAND_LINE, BAD_DATA = 64, 65


def main(arguments: list[str] | None = None) -> int:
    """Runs a command line; returns its exit status, as DESIGN.md fixes them."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except RecipeError as error:
        print(f"textpin-train: {error}", file=sys.stderr)
        return BAD_COMMAND_LINE
    except (DataError, WeightsError, TrainingError) as error:
        print(f"textpin-train: {error}", file=sys.stderr)
        return BAD_DATA


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("textpin-train", description="Trains DBNet text detectors and exports them for `textpin calibrate`.")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    train = verbs.add_parser("train", help="train a network by a recipe")
    train.add_argument("recipe", type=Path, help="a TOML file, as in recipes/")
    train.add_argument("--out", type=Path, required=True, help="the run's folder; a run that lies there is resumed")
    train.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="change the recipe, as in optimization.steps=100")
    train.add_argument("--until", type=int, metavar="STEP", help="stop after this step; the same command goes on from there")
    train.set_defaults(run=_train)
    return parser


def _train(options: argparse.Namespace) -> int:
    recipe = read_recipe(options.recipe, options.set)
    run = Run(recipe, options.out, Place.find())
    if run.resume():
        print(f"resumed at step {run.step}", file=sys.stderr)
    run.train(options.until)
    return 0


if __name__ == "__main__":
    sys.exit(main())
