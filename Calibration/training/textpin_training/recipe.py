"""A recipe: all that decides what a training run makes, read from a TOML file and kept with the run."""

import dataclasses
import tomllib
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .boxes import BoxSettings
from .data.augmentation import AugmentationSettings
from .data.samples import MixSettings
from .labels import LabelSettings
from .losses import LossSettings
from .networks import NETWORKS
from .optimization.outliers import OutlierSettings


class RecipeError(Exception):
    """A recipe that cannot be followed: one sentence for the user."""


@dataclass(frozen=True)
class DataSettings:
    """folders: labelled pictures, as data/readers.py reads them. held_out: every n-th file in the order of their names is kept for validation and never
    trained on; 0 for none. validation_size: width and height that pictures are fitted to."""

    folders: tuple[str, ...] = ()
    held_out: int = 16
    validation_size: tuple[int, int] = (1280, 736)
    workers: int = 2


@dataclass(frozen=True)
class OptimizationSettings:
    """learning_rate falls by (1 - step / steps) ^ power after `warm_up` steps of rising. precision: float32 or bfloat16. average: decay of the weights' moving
    average, which is what is validated and exported. gradient_norm: gradients are scaled down to it. validate_every: steps. patience: validations without a
    better H-mean after which the run ends; 0 for never."""

    optimizer: str = "adamw"
    learning_rate: float = 0.007
    power: float = 0.9
    warm_up: int = 100
    weight_decay: float = 1e-4
    momentum: float = 0.9
    steps: int = 10_000
    batch: int = 8
    precision: str = "bfloat16"
    average: float = 0.998
    gradient_norm: float = 10.0
    validate_every: int = 500
    patience: int = 0
    seed: int = 1


@dataclass(frozen=True)
class DistillationSettings:
    """teacher: a checkpoint of a run, or empty for none. map_weight, feature_weight: of the teacher's probability map and of its backbone's stages."""

    teacher: str = ""
    map_weight: float = 1.0
    feature_weight: float = 1.0


@dataclass(frozen=True)
class QuantizationSettings:
    """steps: how many, at the end of `optimization.steps`, are run with weights and activations rounded as the int8 network will round them; 0 for none.
    learning_rate: of that phase, constant. observe: of these steps, how many measure the ranges of activations before they are fixed."""

    steps: int = 0
    learning_rate: float = 1e-5
    observe: int = 50


@dataclass(frozen=True)
class Recipe:
    """start: where weights come from: an ONNX file of PP-OCR, a checkpoint of a run, or empty for none. cut: `start` is a larger network that is cut down."""

    name: str = ""
    network: str = "mobilenet-v3"
    start: str = ""
    cut: bool = False
    data: DataSettings = field(default_factory=DataSettings)
    mix: MixSettings = field(default_factory=MixSettings)
    augmentation: AugmentationSettings = field(default_factory=AugmentationSettings)
    labels: LabelSettings = field(default_factory=LabelSettings)
    loss: LossSettings = field(default_factory=LossSettings)
    optimization: OptimizationSettings = field(default_factory=OptimizationSettings)
    distillation: DistillationSettings = field(default_factory=DistillationSettings)
    outliers: OutlierSettings = field(default_factory=OutlierSettings)
    quantization: QuantizationSettings = field(default_factory=QuantizationSettings)
    boxes: BoxSettings = field(default_factory=BoxSettings)


def read_recipe(path: Path, changes: typing.Sequence[str] = ()) -> Recipe:
    """A recipe from a file, with `changes` of the form `optimization.steps=100` on top. Raises RecipeError for a name or value that does not exist."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecipeError(f"{path} is not there: a recipe (.toml) was expected.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path} is not a recipe that can be read: {error}.") from None
    for change in changes:
        _apply(table, change)
    recipe = _make(Recipe, table, str(path), "")
    if not recipe.name:
        recipe = dataclasses.replace(recipe, name=path.stem)
    _check(recipe, str(path))
    return recipe


def as_table(recipe: Recipe) -> dict[str, Any]:
    """The recipe as plain values, to be kept in a checkpoint."""
    return dataclasses.asdict(recipe)


def from_table(table: dict[str, Any]) -> Recipe:
    """What `as_table` gave, as a recipe again."""
    return _make(Recipe, table, "the checkpoint", "")


def _apply(table: dict[str, Any], change: str) -> None:
    key, separator, text = change.partition("=")
    if not separator:
        raise RecipeError(f"'{change}' is no change of a recipe: NAME=VALUE was expected, as in optimization.steps=100.")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text
    *sections, name = key.strip().split(".")
    for section in sections:
        table = table.setdefault(section, {})
        if not isinstance(table, dict):
            raise RecipeError(f"'{change}' is no change of a recipe: '{section}' is not a section.")
    table[name] = value


def _make(kind: type, table: dict[str, Any], where: str, section: str) -> Any:
    hints = typing.get_type_hints(kind)
    names = {each.name for each in dataclasses.fields(kind)}
    values: dict[str, Any] = {}
    for name, value in table.items():
        full = f"{section}{name}"
        if name not in names:
            raise RecipeError(f"{where}: there is no setting '{full}'; one of {', '.join(sorted(names))} was expected.")
        values[name] = _convert(hints[name], value, where, full)
    return kind(**values)


def _convert(hint: Any, value: Any, where: str, full: str) -> Any:
    if dataclasses.is_dataclass(hint):
        if not isinstance(value, dict):
            raise RecipeError(f"{where}: '{full}' is a section, not a value.")
        return _make(hint, value, where, f"{full}.")
    if isinstance(hint, types.GenericAlias):
        items = typing.get_args(hint)
        several = items[-1] is Ellipsis
        if not isinstance(value, list | tuple) or (not several and len(value) != len(items)):
            count = "values" if several else f"{len(items)} values"
            raise RecipeError(f"{where}: '{full}' is {value!r}, where [{count}] was expected.")
        return tuple(_convert(items[0], each, where, full) for each in value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise RecipeError(f"{where}: '{full}' is {value!r}, where {hint.__name__} was expected.")
    return value


def _check(recipe: Recipe, where: str) -> None:
    choices = {
        "network": (recipe.network, list(NETWORKS)),
        "optimization.optimizer": (recipe.optimization.optimizer, ["adamw", "sgd"]),
        "optimization.precision": (recipe.optimization.precision, ["float32", "bfloat16"]),
    }
    for name, (value, allowed) in choices.items():
        if value not in allowed:
            raise RecipeError(f"{where}: '{name}' is '{value}', where one of {', '.join(allowed)} was expected.")
    sizes = {"augmentation.size": (recipe.augmentation.size,), "data.validation_size": recipe.data.validation_size}
    for name, sides in sizes.items():
        if any(side < 32 or side % 32 for side in sides):
            raise RecipeError(f"{where}: '{name}' is {list(sides)}, where multiples of 32 were expected.")
    if recipe.optimization.steps < 1 or recipe.optimization.batch < 1:
        raise RecipeError(f"{where}: 'optimization.steps' and 'optimization.batch' must be 1 or more.")
    if not 0 <= recipe.quantization.steps < recipe.optimization.steps:
        raise RecipeError(f"{where}: 'quantization.steps' is {recipe.quantization.steps}, where less than 'optimization.steps' was expected.")
