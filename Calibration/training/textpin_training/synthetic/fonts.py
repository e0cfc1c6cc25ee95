"""The fonts that are installed, by the scripts they can write.

`Boards/host/setup train` installs a good set on Debian.

Any part of it will do, but a network that saw few fonts in training finds few on the street.
"""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

from .words import ALPHABETS

# Fontconfig's scale: 40 is extra light. Hairlines vanish at the sizes of a sign across the street.
LEAST_WEIGHT = 45
# These say that they have Latin letters and show ornaments and Greek in their places.
ORNAMENTS = ("D050000L", "Standard Symbols", "Webdings", "Wingdings")
FORMAT = "%{file}\t%{index}\t%{family[0]}\t%{weight}\t%{variable}\t%{charset}\n"


class FontError(Exception):
    """No font can be used; the message is one sentence for the user."""


@dataclass(frozen=True)
class FontFace:
    """One face of a font file.

    index: which face of a collection (.ttc).
    family: faces of one family share it, so that families with many weights are not drawn more often.
    scripts: the keys of `ALPHABETS` of which the face has every character.
    """

    path: str
    index: int
    family: str
    scripts: frozenset[str]

    def at(self, size: int) -> ImageFont.FreeTypeFont:
        """The face at `size` pixels per em; loaded once per process."""
        return _loaded(self.path, self.index, size)


@dataclass(frozen=True)
class FontLibrary:
    """Faces by script and family: {script: ((face, ...) of one family, ...)}."""

    families: dict[str, tuple[tuple[FontFace, ...], ...]]

    @property
    def scripts(self) -> tuple[str, ...]:
        return tuple(self.families)

    def draw(self, script: str, numbers) -> FontFace:
        """A face that has every character of the script; each family is as likely as the others."""
        families = self.families[script]
        faces = families[numbers.integers(len(families))]
        return faces[numbers.integers(len(faces))]


def font_library(paths: Sequence[Path] | None = None) -> FontLibrary:
    """The library of the given font files, or of what is installed. Throws FontError where no face can write Latin."""
    if paths is None:
        faces = _installed()
        where = "fontconfig lists no font"
    else:
        faces = _faces(("fc-scan", "--format", FORMAT, *map(str, paths)))
        where = "none of the given font files is a font"
    families = {}
    for script in ALPHABETS:
        by_family: dict[str, list[FontFace]] = {}
        for face in faces:
            if script in face.scripts:
                by_family.setdefault(face.family, []).append(face)
        if by_family:
            families[script] = tuple(tuple(faces) for _, faces in sorted(by_family.items()))
    if "latin" not in families:
        raise FontError(f"{where} with all letters and digits of Latin script: apt-get install fonts-dejavu fonts-liberation")
    return FontLibrary(families)


@lru_cache(maxsize=1)
def _installed() -> tuple[FontFace, ...]:
    return _faces(("fc-list", "--format", FORMAT))


def _faces(command: tuple[str, ...]) -> tuple[FontFace, ...]:
    try:
        listing = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:
        raise FontError(f"{command[0]} is not installed, which lists the fonts: apt-get install fontconfig") from None
    faces = {}
    for line in listing.splitlines():
        fields = line.split("\t")
        if len(fields) != 6 or not fields[0].lower().endswith((".ttf", ".otf", ".ttc")) or fields[4] == "True":
            continue
        path, index, family, weight, _, charset = fields
        # Named instances of a variable font carry their number above the lowest 16 bits.
        if not index.isdigit() or int(index) > 0xFFFF or _number(weight, LEAST_WEIGHT) < LEAST_WEIGHT:
            continue
        has = _characters(charset)
        scripts = frozenset(script for script, alphabet in ALPHABETS.items() if has.issuperset(map(ord, alphabet)))
        if scripts and not family.startswith(ORNAMENTS):
            # "Noto Sans Thai" and its 100 sisters carry the same Latin letters as "Noto Sans".
            faces[path, int(index)] = FontFace(path, int(index), " ".join(family.split()[:2]), scripts)
    return tuple(face for _, face in sorted(faces.items()))


def _number(text: str, otherwise: float) -> float:
    try:
        return float(text)
    except ValueError:
        return otherwise


def _characters(charset: str) -> set[int]:
    """Fontconfig's `20-7e a0 2018-2019` as a set of code points."""
    found: set[int] = set()
    for part in charset.split():
        first, _, last = part.partition("-")
        try:
            found.update(range(int(first, 16), int(last or first, 16) + 1))
        except ValueError:
            continue
    return found


@lru_cache(maxsize=512)
def _loaded(path: str, index: int, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size, index=index, layout_engine=ImageFont.Layout.BASIC)
