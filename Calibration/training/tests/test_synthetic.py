"""The scene generator: the same bytes from the same seed, and outlines that sit exactly on the ink."""

import hashlib
import json
import pickle
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from textpin_training.synthetic import FontError, PhotographError, SceneGenerator
from textpin_training.synthetic.curves import on_arc, on_wave
from textpin_training.synthetic.fonts import FontFace, font_library
from textpin_training.synthetic.geometry import Sheet, Word, moved, paste, tilted_plane
from textpin_training.synthetic.lettering import FAINTEST_INK, Line, set_line
from textpin_training.synthetic.photographs import labelled, photograph_background
from textpin_training.synthetic.words import ALPHABETS

PACKAGE = Path(__file__).resolve().parent.parent
SMALL = (320, 320)


@pytest.fixture(scope="module")
def scenes():
    generator = SceneGenerator(11, SMALL)
    return [generator.scene(index) for index in range(60)]


@pytest.fixture(scope="module")
def face() -> FontFace:
    """The boldest of the installed: what is measured here is the outline, not how faint thin strokes become."""
    faces = [face for family in font_library().families["latin"] for face in family]
    return max(faces, key=lambda face: sum(bytes(face.at(24).getmask("Hill"))))


def digest(picture) -> str:
    content = hashlib.sha256(picture.pixels.tobytes())
    for instance in picture.instances:
        content.update(instance.points.tobytes() + instance.text.encode() + bytes([instance.ignore]))
    return content.hexdigest()


def test_same_bytes_in_another_process_and_order():
    program = (
        "from tests.test_synthetic import SceneGenerator, SMALL, digest;"
        "generator = SceneGenerator(5, SMALL); print(*[digest(generator.scene(index)) for index in (7, 0, 3)])"
    )
    other = subprocess.run([sys.executable, "-c", program], cwd=PACKAGE, capture_output=True, text=True, check=True)
    generator = SceneGenerator(5, SMALL)
    here = {index: digest(generator.scene(index)) for index in (0, 3, 7)}
    assert other.stdout.split() == [here[7], here[0], here[3]]
    assert len(set(here.values())) == 3
    assert digest(SceneGenerator(6, SMALL).scene(0)) != here[0]


def test_pickled_generator_gives_the_same_scene():
    generator = SceneGenerator(5, SMALL)
    assert digest(pickle.loads(pickle.dumps(generator)).scene(2)) == digest(generator.scene(2))


def test_pictures_have_the_size_asked_for():
    picture = SceneGenerator(1, (352, 224)).scene(0)
    assert picture.pixels.shape == (224, 352, 3)
    assert picture.pixels.dtype == np.uint8


def ink_of(line: Line, word: int, homography: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """White ink of one word alone on a black scene of 600x600, and the word's outline there."""
    scene = np.zeros((600, 600, 3), np.uint8)
    (left, top), (right, bottom) = line.words[word].outline.min(axis=0) - 2, line.words[word].outline.max(axis=0) + 2
    alone = np.zeros_like(line.ink)
    window = np.s_[max(0, int(top)) : int(bottom) + 1, max(0, int(left)) : int(right) + 1]
    alone[window] = line.ink[window]
    pixels = np.full((*line.ink.shape, 3), 255, np.uint8)
    words = [Word(line.words[word].text, line.words[word].outline, ink=255.0)]
    (placed,) = paste(scene, Sheet(pixels, alone, opaque=False, words=words), homography)
    return scene[..., 0], placed.outline


STRAIGHT = {
    "upright": (0.0, 0.0, 0.0),
    "turned": (0.6, 0.0, 0.0),
    "on its side": (np.pi / 2, 0.0, 0.0),
    "upside down": (np.pi, 0.1, 0.0),
    "in perspective": (0.1, 0.9, -0.5),
}
BENT = {
    "rainbow": lambda line: on_arc(line, 130.0),
    "smile": lambda line: on_arc(line, -110.0),
    "wave": lambda line: on_wave(line, 9.0, 180.0),
}


def seen_at(line: Line, turn: float, yaw: float, pitch: float) -> np.ndarray:
    """The line in the middle of the 600x600 scene."""
    plane = tilted_plane(line.width, line.height, turn, yaw, pitch)
    return moved(np.array([300.0, 300.0]), plane)


def assert_tight(ink: np.ndarray, outline: np.ndarray) -> None:
    """All clear ink lies in the outline, give or take a pixel, and the faintest that can be seen is at each side."""
    contour = outline.astype(np.float32)
    rows, columns = np.nonzero(ink > 127)
    assert len(rows) > 50
    inside = [cv2.pointPolygonTest(contour, (x + 0.5, y + 0.5), True) for x, y in zip(columns.tolist(), rows.tolist(), strict=True)]
    assert min(inside) > -1.0
    points = np.argwhere(ink > FAINTEST_INK)[:, ::-1] + 0.5
    half = len(outline) // 2
    top, bottom = outline[:half], outline[half:]
    for side in (top, bottom, outline[[half - 1, half]], outline[[-1, 0]]):
        assert distance_to(points, side) < 1.6


def distance_to(points: np.ndarray, side: np.ndarray) -> float:
    """The least distance of a point from a polyline."""
    nearest = []
    for start, end in pairwise(side):
        along = np.clip(((points - start) @ (end - start)) / ((end - start) @ (end - start)), 0, 1)
        nearest.append(np.linalg.norm(points - (start + along[:, None] * (end - start)), axis=1).min())
    return min(nearest)


@pytest.mark.parametrize("angles", STRAIGHT.values(), ids=STRAIGHT.keys())
@pytest.mark.parametrize("tracking", [0.0, 0.3])
@pytest.mark.parametrize("size", [14.0, 30.0, 60.0])
def test_outline_of_straight_words(face, angles, tracking, size):
    line = set_line(["Hill", "goya"], face, size, tracking)
    assert [word.text for word in line.words] == ["Hill", "goya"]
    for word in range(2):
        ink, outline = ink_of(line, word, seen_at(line, *angles))
        assert outline.shape == (4, 2)
        assert_tight(ink, outline)


@pytest.mark.parametrize("bend", BENT.values(), ids=BENT.keys())
@pytest.mark.parametrize("angles", [STRAIGHT["upright"], STRAIGHT["in perspective"]], ids=["upright", "in perspective"])
def test_outline_of_bent_words(face, bend, angles):
    line = bend(set_line(["Hill", "goya"], face, 40.0))
    for word in range(2):
        ink, outline = ink_of(line, word, seen_at(line, *angles))
        assert outline.shape == (14, 2)
        assert_tight(ink, outline)


@pytest.mark.parametrize(
    ("turn", "first"),
    [(0.0, (0, 0)), (np.pi / 2, (1, 0)), (np.pi, (1, 1)), (-np.pi / 2, (0, 1))],
    ids=lambda one: str(one)[:5],
)
def test_outline_starts_at_the_top_left_as_read(face, turn, first):
    line = set_line(["Hill"], face, 30.0)
    _, outline = ink_of(line, 0, seen_at(line, turn, 0.0, 0.0))
    low, high = outline.min(axis=0), outline.max(axis=0)
    assert outline[0] == pytest.approx(np.where(first, high, low))


def signed_area(points: np.ndarray) -> float:
    x, y = points.T.astype(float)
    return 0.5 * float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def test_outlines_are_clockwise_and_in_the_picture(scenes):
    instances = [instance for picture in scenes for instance in picture.instances]
    assert len(instances) > 200
    for instance in instances:
        # Where y points down, clockwise is positive.
        assert signed_area(instance.points) > 0
        assert instance.points.min() >= 0
        assert instance.points.max() <= SMALL[0]
        assert instance.text


def test_no_word_overlaps_another(scenes):
    scale = 4
    for picture in scenes:
        count = np.zeros((SMALL[1] * scale, SMALL[0] * scale), np.uint8)
        for instance in picture.instances:
            mask = np.zeros_like(count)
            cv2.fillPoly(mask, [np.round(instance.points * scale).astype(np.int32)], 1)
            # OpenCV fills the rim too, and rounding moves it.
            count += cv2.erode(mask, np.ones((5, 5), np.uint8))
        assert count.max() <= 1


def test_some_scenes_have_no_text_and_most_have_bent_or_straight_words(scenes):
    without = sum(not picture.instances for picture in scenes)
    assert 1 <= without <= 20
    sides = {len(instance.points) for picture in scenes for instance in picture.instances}
    assert sides == {4, 14}


def test_words_lower_than_eight_pixels_are_ignored(scenes):
    low = 0
    for instance in (instance for picture in scenes for instance in picture.instances):
        half = len(instance.points) // 2
        upper, lower = instance.points[:half], instance.points[half:][::-1]
        if np.mean(np.linalg.norm(upper - lower, axis=1)) < 7.99:
            low += 1
            assert instance.ignore
    assert low > 0


def test_contrast_vanishes_where_light_is_cut_off_at_white():
    word = Word("a", np.zeros((4, 2)), ink=200.0, ground=240.0)
    assert word.contrast(1.0) == 40.0
    assert word.contrast(0.5) == 20.0
    assert word.contrast(1.5) == 0.0


BLUE, MAGENTA = (20, 40, 200), (255, 0, 255)


@pytest.fixture
def data_set(tmp_path) -> list[Path]:
    """Two blue photographs with labelled texts in magenta, one of them ignored, and one that is text all over."""
    (tmp_path / "images").mkdir()
    quads = {
        "a.png": [([[300, 50], [420, 70], [410, 120], [290, 90]], False)],
        "b.png": [
            ([[500, 200], [590, 210], [585, 260], [500, 250]], True),
            ([[10, 400], [90, 400], [90, 460], [10, 460]], False),
        ],
        "full.png": [([[0, 0], [640, 0], [640, 480], [0, 480]], False)],
    }
    images = []
    for name, polygons in quads.items():
        image = Image.new("RGB", (640, 480), BLUE)
        for points, _ in polygons:
            ImageDraw.Draw(image).polygon([tuple(point) for point in points], fill=MAGENTA)
        image.save(tmp_path / "images" / name)
        labels = [{"points": points, "ignore": ignore} for points, ignore in polygons]
        images.append({"file": name, "width": 640, "height": 480, "polygons": labels})
    (tmp_path / "ground_truth.json").write_text(json.dumps({"images": images}))
    return [tmp_path / "images" / name for name in quads]


def test_texts_of_photographs_never_appear(data_set):
    numbers = np.random.default_rng(1)
    photographs = labelled(data_set)
    drawn = [photograph_background(photographs, (352, 320), numbers) for _ in range(40)]
    found = [pixels for pixels in drawn if pixels is not None]
    assert len(found) > 30
    for pixels in found:
        assert pixels.shape == (320, 352, 3)
        assert (pixels == BLUE).all()


def test_a_photograph_without_free_room_is_passed_over(data_set):
    numbers = np.random.default_rng(1)
    assert photograph_background(labelled(data_set[2:]), SMALL, numbers) is None
    assert SceneGenerator(1, SMALL, data_set[2:]).scene(0).pixels.shape == (320, 320, 3)


def test_photographs_without_labels_are_refused(data_set, tmp_path):
    stray = data_set[0].with_name("stray.png")
    stray.write_bytes(data_set[0].read_bytes())
    with pytest.raises(PhotographError, match="no labels for stray.png"):
        SceneGenerator(1, SMALL, [stray])
    with pytest.raises(PhotographError, match="cannot be read"):
        SceneGenerator(1, SMALL, [tmp_path / "elsewhere" / "images" / "a.png"])
    (tmp_path / "broken" / "images").mkdir(parents=True)
    (tmp_path / "broken" / "ground_truth.json").write_text('{"images": [{"file": "a.png", "polygons": [{"points": [[1]]}]}]}')
    with pytest.raises(PhotographError, match="not ground truth"):
        SceneGenerator(1, SMALL, [tmp_path / "broken" / "images" / "a.png"])


def test_a_file_that_is_no_picture_is_refused(data_set):
    data_set[0].write_bytes(b"no picture")
    with pytest.raises(PhotographError, match="a.png is not a picture"):
        photograph_background(labelled(data_set[:1]), SMALL, np.random.default_rng(1))


LATIN_ONLY, LATIN_AND_GREEK, DIGITS = "/fonts/latin.ttf", "/fonts/greek.otf", "/fonts/digits.ttf"


@pytest.fixture
def stand_in_listing(tmp_path, monkeypatch):
    """A stand-in for fontconfig's fc-scan, which lists three fonts."""
    greek = " ".join(f"{ord(letter):x}" for letter in ALPHABETS["greek"])
    rows = [
        f"{LATIN_ONLY}\\t0\\tPlain\\t80\\tFalse\\t20-7e",
        f"{LATIN_AND_GREEK}\\t0\\tBoth\\t200\\tFalse\\t20-7e {greek}",
        f"{DIGITS}\\t0\\tDigits\\t80\\tFalse\\t20-40",
        "/fonts/hair.ttf\\t0\\tHairline\\t0\\tFalse\\t20-7e",
        "/fonts/variable.ttf\\t0\\tVariable\\t[0 210]\\tTrue\\t20-7e",
        "/fonts/old.pfb\\t0\\tOld\\t80\\tFalse\\t20-7e",
        "/fonts/symbols.otf\\t0\\tD050000L\\t80\\tFalse\\t20-7e",
    ]
    program = tmp_path / "fc-scan"
    program.write_text("#!/bin/sh\nprintf '" + "\\n".join(rows) + "\\n'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return program


def test_fonts_that_lack_glyphs_are_not_used(stand_in_listing):
    families = font_library([Path("any.ttf")]).families
    assert {face.path for faces in families["latin"] for face in faces} == {LATIN_ONLY, LATIN_AND_GREEK}
    assert {face.path for faces in families["greek"] for face in faces} == {LATIN_AND_GREEK}
    assert set(families) == {"latin", "greek"}


def test_no_usable_font_is_one_sentence(stand_in_listing):
    stand_in_listing.write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(FontError, match="none of the given font files .* apt-get install"):
        font_library([Path("any.ttf")])


def test_installed_fonts_draw_every_letter_of_their_scripts():
    """What fontconfig says is so: no letter is drawn as the box that stands for a missing one."""
    for script, families in font_library().families.items():
        for faces in families:
            font = faces[0].at(24)
            missing = bytes(font.getmask("\U0010fffe"))
            for letter in ALPHABETS[script][::7]:
                assert bytes(font.getmask(letter)) != missing, (faces[0].path, letter)


def test_command_writes_pictures_and_their_ground_truth(tmp_path):
    command = [sys.executable, "-m", "textpin_training.synthetic", "--count", "2", "--size", "160x128", "--seed", "3"]
    subprocess.run([*command, "--out", tmp_path], cwd=PACKAGE, check=True)
    images = json.loads((tmp_path / "ground_truth.json").read_text())["images"]
    generator = SceneGenerator(3, (160, 128))
    assert sorted(path.name for path in (tmp_path / "images").iterdir()) == [image["file"] for image in images]
    for index, image in enumerate(images):
        assert Image.open(tmp_path / "images" / image["file"]).size == (image["width"], image["height"]) == (160, 128)
        instances = generator.scene(index).instances
        assert [polygon["text"] for polygon in image["polygons"]] == [instance.text for instance in instances]
        for polygon, instance in zip(image["polygons"], instances, strict=True):
            assert np.allclose(polygon["points"], instance.points, atol=0.051)


def test_command_names_what_is_missing(tmp_path):
    command = [
        sys.executable,
        "-m",
        "textpin_training.synthetic",
        "--out",
        tmp_path,
        "--photographs",
        tmp_path / "none",
    ]
    result = subprocess.run(command, cwd=PACKAGE, capture_output=True, text=True, check=False)
    assert result.returncode == 66
    assert str(tmp_path / "none" / "images") in result.stderr
