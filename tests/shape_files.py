"""Tiny files of DNA, texts, views and voxels, two classes of each."""

import numpy as np
from PIL import Image


def write_dna(folder, count=40):
    """`genes.fasta`, the class behind the name."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    records = [f">g{i} {'ab'[i % 2]}\n{''.join(rng.choice(list('ACGT'), 20))}\n" for i in range(count)]
    (folder / "genes.fasta").write_text("".join(records))
    return folder


def write_texts(folder, count=40):
    """`new.csv` with the columns text and label."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [f"the {('sea', 'wood')[i % 2]} number {i} is deep,{('wet', 'dry')[i % 2]}\n" for i in range(count)]
    (folder / "new.csv").write_text("text,label\n" + "".join(rows))
    return folder


def write_views(folder, objects=12, count=3):
    """A folder a class, in it a folder an object with `count` pictures."""
    for place, label in enumerate(("cup", "pot")):
        for number in range(objects):
            home = folder / label / f"{number:02}"
            home.mkdir(parents=True)
            for view in range(count):
                Image.new("L", (8, 8), 100 * place + 5 * number + view).save(home / f"{view}.png")
    return folder


def write_voxels(folder, count=20, size=6):
    """A folder a class of `.npy` grids."""
    rng = np.random.default_rng(0)
    for place, label in enumerate(("box", "rod")):
        (folder / label).mkdir(parents=True)
        for number in range(count):
            grid = (rng.random((size, size, size)) < 0.3 + 0.4 * place).astype(np.uint8)
            np.save(folder / label / f"{number}.npy", grid)
    return folder
