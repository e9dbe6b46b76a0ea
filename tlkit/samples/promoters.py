"""DNA with planted promoters: two short motifs at the right distance, mutated, on either strand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

BASES = "ACGT"
BOXES = ("TTGACA", "TATAAT")  # what RNA polymerase of bacteria binds to, 35 and 10 letters before the gene
SPACERS = (16, 17, 18)
_WRONG_SPACERS = (4, 8, 11, 24, 28)
_OTHER_STRAND = str.maketrans("ACGT", "TGCA")


def draw(
    folder: Path,
    *,
    count: int = 3000,
    seed: int = 7,
    mutation: float = 0.08,
    on_picture: Callable[[int], None] | None = None,
) -> None:
    """Write `promoters.fasta`: half promoters, half others, of which most bear a decoy.

    A decoy is one box alone, both in the wrong order, or both at the wrong distance.

    Args:
        mutation: the chance of each letter of a box to be any other; with two boxes of six, some promoters are lost.

    Example:
        >>> import tempfile
        >>> draw(Path(tempfile.mkdtemp()), count=4)
    """
    folder.mkdir(parents=True, exist_ok=True)
    records = []
    for index in range(count):
        sequence, label = draw_one(index, seed=seed, mutation=mutation)
        records.append(f">seq{index + 1} {label}\n{sequence}\n")
        if on_picture:
            on_picture(index)
    (folder / "promoters.fasta").write_text("".join(records), encoding="ascii")


def draw_one(index: int, *, seed: int = 7, mutation: float = 0.08) -> tuple[str, str]:
    """One sequence and its class.

    Example:
        >>> sequence, label = draw_one(0)
        >>> label
        'promoter'
    """
    rng, label = np.random.default_rng([seed, index]), ("promoter", "other")[index % 2]
    planted = _promoter(rng, mutation) if label == "promoter" else _decoy(rng, mutation)
    length = int(rng.integers(90, 111))
    start = int(rng.integers(5, length - len(planted) - 4))
    sequence = _random(rng, start) + planted + _random(rng, length - start - len(planted))
    if rng.random() < 0.5:
        sequence = sequence.translate(_OTHER_STRAND)[::-1]
    return _unsure(rng, sequence), label


def _promoter(rng: np.random.Generator, mutation: float) -> str:
    first, second = (_mutated(rng, box, mutation) for box in BOXES)
    return first + _random(rng, int(rng.choice(SPACERS))) + second


def _decoy(rng: np.random.Generator, mutation: float) -> str:
    first, second = (_mutated(rng, box, mutation) for box in BOXES)
    kind = rng.choice(["none", "one", "swapped", "far"], p=[0.15, 0.35, 0.25, 0.25])
    if kind == "none":
        return ""
    if kind == "one":
        return str(rng.choice([first, second]))
    if kind == "swapped":
        return second + _random(rng, int(rng.choice(SPACERS))) + first
    return first + _random(rng, int(rng.choice(_WRONG_SPACERS))) + second


def _random(rng: np.random.Generator, length: int) -> str:
    return "".join(rng.choice(list(BASES), length, p=[0.29, 0.21, 0.21, 0.29]))


def _mutated(rng: np.random.Generator, letters: str, chance: float) -> str:
    others = rng.choice(list(BASES), len(letters))
    return "".join(
        other if hit else own
        for own, other, hit in zip(letters, others, rng.random(len(letters)) < chance, strict=True)
    )


def _unsure(rng: np.random.Generator, sequence: str) -> str:
    """Here and there a letter that the sequencer could not read."""
    return "".join(
        "N" if hit else letter for letter, hit in zip(sequence, rng.random(len(sequence)) < 0.005, strict=True)
    )
