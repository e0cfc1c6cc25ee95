"""The command line: train, evaluate, export, ablate, scenes."""

import argparse
import sys
from pathlib import Path

import torch

from .boxes import BoxSettings
from .data.readers import DataError, read_folder
from .export import Description, ExportError, export
from .networks.onnx_weights import WeightsError
from .optimization import checkpoints
from .optimization.ablation import ablate
from .optimization.run import Place, Run, TrainingError, split
from .recipe import RecipeError, read_recipe
from .synthetic import __main__ as scenes
from .synthetic.fonts import FontError
from .synthetic.photographs import PhotographError
from .validation import best_settings, count, found_maps

BAD_COMMAND_LINE, BAD_DATA = 64, 65


def main(arguments: list[str] | None = None) -> int:
    """Runs a command line; returns its exit status, as DESIGN.md fixes them."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["scenes"]:
        return scenes.main(arguments[1:])
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except RecipeError as error:
        print(f"textpin-train: {error}", file=sys.stderr)
        return BAD_COMMAND_LINE
    except (DataError, WeightsError, TrainingError, ExportError, FontError, PhotographError) as error:
        print(f"textpin-train: {error}", file=sys.stderr)
        return BAD_DATA


class _Parser(argparse.ArgumentParser):
    """argparse's own status for a wrong command line is 2."""

    def error(self, message: str) -> None:
        self.print_usage(sys.stderr)
        self.exit(BAD_COMMAND_LINE, f"{self.prog}: {message}.\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser("textpin-train", description="Trains DBNet text detectors and exports them for `textpin calibrate`.")
    verbs = parser.add_subparsers(required=True, metavar="VERB", parser_class=_Parser)

    train = verbs.add_parser("train", help="train a network by a recipe")
    _add_recipe(train)
    train.add_argument("--until", type=int, metavar="STEP", help="stop after this step; the same command goes on from there")
    train.set_defaults(run=_train)

    evaluate = verbs.add_parser(
        "evaluate", help="precision, recall and H-mean of a checkpoint, in float; with the box settings that are best on held-out pictures"
    )
    evaluate.add_argument("checkpoint", type=Path, help="best.pt or last.pt of a run")
    evaluate.add_argument("--data", type=Path, help="labelled pictures to measure on; else the run's held-out ones")
    evaluate.add_argument("--map", choices=["probability", "binary"], default="probability", help="the map that boxes are formed from")
    evaluate.set_defaults(run=_evaluate)

    exporting = verbs.add_parser("export", help="write a checkpoint as ONNX, with a JSON file beside it")
    exporting.add_argument("checkpoint", type=Path, help="best.pt or last.pt of a run")
    exporting.add_argument("-o", "--output", type=Path, required=True, metavar="NAME.onnx")
    exporting.add_argument("--source", required=True, help="who trained it, on what, from what")
    exporting.add_argument("--licence", required=True, help="an SPDX identifier")
    exporting.add_argument("--threshold", type=float, help="of the probability map; this and the next two: else what is best on held-out pictures")
    exporting.add_argument("--score", type=float, help="the least mean probability of a box")
    exporting.add_argument("--unclip", type=float, help="how far boxes grow")
    exporting.add_argument("--heads", action="store_true", help="keep the threshold head: probability, threshold and binary map as three channels")
    exporting.set_defaults(run=_export)

    ablation = verbs.add_parser("ablate", help="with and without differentiable binarization and threshold supervision, at the same budget")
    _add_recipe(ablation)
    ablation.add_argument("--data", type=Path, required=True, help="labelled pictures to measure on")
    ablation.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    ablation.set_defaults(run=_ablate)

    # Its options are its own: see synthetic/__main__.py.
    verbs.add_parser("scenes", help="write synthetic scenes as pictures with ground truth, to look at")
    return parser


def _add_recipe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recipe", type=Path, help="a TOML file, as in recipes/")
    parser.add_argument("--out", type=Path, required=True, help="a folder; a run that lies there is gone on with")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="change the recipe, as in optimization.steps=100")


def _train(options: argparse.Namespace) -> int:
    run = Run(read_recipe(options.recipe, options.set), options.out, Place.find())
    if run.resume():
        print(f"resumed at step {run.step}", file=sys.stderr)
    run.train(options.until)
    return 0


def _held_out_settings(checkpoint: Path, device: torch.device, binary: bool = False) -> BoxSettings:
    network, recipe = checkpoints.trained_network(checkpoint)
    _, files = split(recipe.data)
    if not files:
        return recipe.boxes
    return best_settings(list(found_maps(network.to(device), files, recipe.data.validation_size, device, binary)), recipe.boxes)


def _evaluate(options: argparse.Namespace) -> int:
    device = Place.find().device
    binary = options.map == "binary"
    settings = _held_out_settings(options.checkpoint, device, binary)
    network, recipe = checkpoints.trained_network(options.checkpoint)
    files = read_folder(options.data) if options.data else split(recipe.data)[1]
    counts = count(found_maps(network.to(device), files, recipe.data.validation_size, device, binary), settings)
    print(f"threshold {settings.threshold}  score {settings.score}  unclip {settings.unclip}")
    print(f"images {len(files)}  precision {counts.precision:.4f}  recall {counts.recall:.4f}  H-mean {counts.hmean:.4f}")
    return 0


def _export(options: argparse.Namespace) -> int:
    network, recipe = checkpoints.trained_network(options.checkpoint)
    given = {name: getattr(options, name) for name in ("threshold", "score", "unclip") if getattr(options, name) is not None}
    settings = recipe.boxes if len(given) == 3 else _held_out_settings(options.checkpoint, Place.find().device)
    values = {"threshold": settings.threshold, "score": settings.score, "unclip": settings.unclip} | given
    description = Description(options.output.stem, options.source, options.licence, BoxSettings(**values))
    difference = export(network, options.output, description, options.heads)
    print(f"{options.output}: {options.output.stat().st_size} bytes; its map differs from PyTorch's by {difference:.1g} at most")
    return 0


def _ablate(options: argparse.Namespace) -> int:
    outcomes = ablate(read_recipe(options.recipe, options.set), options.seeds, read_folder(options.data), options.out, Place.find())
    print("| variant | seed | precision | recall | H-mean |\n|---|---|---|---|---|")
    for outcome in outcomes:
        counts = outcome.counts
        print(f"| {outcome.variant} | {outcome.seed} | {counts.precision:.4f} | {counts.recall:.4f} | {counts.hmean:.4f} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
