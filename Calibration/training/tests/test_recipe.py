"""Recipes: what they may say, and how a mistake is told."""

from pathlib import Path

import pytest

from textpin_training.__main__ import main
from textpin_training.recipe import Recipe, RecipeError, as_table, from_table, read_recipe

RECIPES = Path(__file__).parent.parent / "recipes"


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_recipe_and_changes_on_top(tmp_path: Path):
    path = written(tmp_path, 'network = "nano"\n[optimization]\nsteps = 10\nlearning_rate = 1\n[augmentation]\nscale = [1, 2]\n')
    recipe = read_recipe(path, ["optimization.steps=20", "data.folders=['a', 'b']", "start=weights.pt"])
    assert recipe.name == "mine"
    assert recipe.optimization.steps == 20
    assert recipe.optimization.learning_rate == 1.0
    assert recipe.augmentation.scale == (1.0, 2.0)
    assert recipe.data.folders == ("a", "b")
    assert recipe.start == "weights.pt"
    assert from_table(as_table(recipe)) == recipe


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[optimization]\nstep = 10", "there is no setting 'optimization.step'; one of average, "),
        ('[optimization]\nsteps = "ten"', "'optimization.steps' is 'ten', where int was expected"),
        ("[optimization]\nsteps = true", "'optimization.steps' is True, where int was expected"),
        ("optimization = 3", "'optimization' is a section"),
        ("[augmentation]\nscale = [1, 2, 3]", r"'augmentation.scale' is \[1, 2, 3\], where \[2 values\] was expected"),
        ("[augmentation]\nsize = 100", "'augmentation.size' is .*multiples of 32"),
        ('network = "mini"', "'network' is 'mini', where one of mobilenet-v3, "),
        ('[optimization]\noptimizer = "adam"', "one of adamw, sgd was expected"),
        ("[optimization]\nsteps = 5\n[quantization]\nsteps = 5", "less than 'optimization.steps'"),
        ("steps = = 3", "is not a recipe that can be read"),
    ],
)
def test_a_mistake_is_told_by_its_name(tmp_path: Path, text: str, message: str):
    with pytest.raises(RecipeError, match=message):
        read_recipe(written(tmp_path, text))


def test_a_change_that_is_none(tmp_path: Path):
    with pytest.raises(RecipeError, match="NAME=VALUE was expected"):
        read_recipe(written(tmp_path, ""), ["steps"])
    with pytest.raises(RecipeError, match="'network' is not a section"):
        read_recipe(written(tmp_path, 'network = "nano"'), ["network.size=3"])


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.toml")), ids=lambda path: path.stem)
def test_recipes_that_are_shipped_can_be_read(path: Path):
    assert isinstance(read_recipe(path), Recipe)


def test_the_command_line_ends_with_the_statuses_of_design(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    out = ["--out", str(tmp_path / "run")]
    assert main(["train", str(tmp_path / "none.toml"), *out]) == 64
    assert "none.toml is not there" in capsys.readouterr().err
    empty = written(tmp_path, 'network = "nano"\n[data]\nfolders = ["/nowhere"]\n')
    assert main(["train", str(empty), *out]) == 65
    assert "/nowhere holds no labelled pictures" in capsys.readouterr().err
