"""Files of every kind of data damaged by a seed: is each set aside or refused in a clear line?

python bench/damaged_files.py [--count 500] [--seed 7] [--runs 0.04]

Each damaged file lies in a small sound data set, which goes through `tlkit check --data` in a forked child with 30
seconds and 2 GB; of those that pass, a share goes through a run of one epoch. Exit code 1 where anything but a pass or
a clear refusal came of it; each such file is shown, and kept where `--keep` says.
"""

import argparse
import collections
import os
import random
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import yaml
from mutated_recipes import OFFENCES, outcome, preload, shortened, write_idx
from PIL import Image

COUNT = 12  # examples of each class
TRAIN = {"epochs": 1, "batch_size": 8}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--runs", type=float, default=0.04, help="share of what passed that is run")
    parser.add_argument("--keep", type=Path, help="a folder for the files that did what they must not")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="damaged-") as folder:
        os.chdir(folder)
        os.environ |= {"TLKIT_CACHE": str(Path(folder) / "cache"), "CUDA_VISIBLE_DEVICES": "-1"}
        recipes = {name: written(name, *kind) for name, kind in KINDS.items()}
        preload()
        for name, recipe in recipes.items():
            verdict, text = outcome("check", recipe, "--data")
            assert verdict == "passed", f"{name} is not sound to begin with: {text}"
        counts = survey(recipes, given)
    print("  ".join(f"{name}: {number}" for name, number in sorted(counts.items())))
    sys.exit(any(counts[name] for name in OFFENCES))


def survey(recipes, given):
    """How many damaged files ended in which way."""
    counts = collections.Counter()
    for number in range(given.count):
        draw = random.Random(f"{given.seed}/{number}")
        name = draw.choice(list(recipes))
        sound, place = Path(name), Path("damaged") / name
        shutil.rmtree("damaged", ignore_errors=True)
        shutil.copytree(sound, place)
        file = draw.choice(sorted(each for each in place.rglob("*") if each.is_file()))
        done = draw.choice(DAMAGE)
        file.write_bytes(done(file.read_bytes(), draw))
        page = yaml.safe_load(recipes[name].read_text())
        page["data"]["path"] = str(Path("damaged") / page["data"]["path"])
        Path("damaged.yaml").write_text(yaml.safe_dump(page))
        verdict, text = outcome("check", "damaged.yaml", "--data")
        aside = verdict == "passed" and str(file) in text
        counts["set aside" if aside else verdict] += 1
        if verdict == "passed" and draw.random() < given.runs:
            verdict, text = outcome("run", "damaged.yaml", "--offline")
            counts["ran" if verdict == "passed" else verdict] += 1
        if verdict in OFFENCES:
            print(f"{verdict}: {number}: {done.__name__} {file}\n    {shortened(text)}", flush=True)
            if given.keep is not None:
                given.keep.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, given.keep / f"{number}{file.suffix}")
    return counts


# sound data -----------------------------------------------------------------------------------------------------------


def written(name, write, data, net):
    """The recipe of a sound data set, which is written beside it."""
    Path(name).mkdir()
    write(Path(name), np.random.default_rng(3))
    page = {"name": name, "data": {**data, "max_bad": 0.5, "val": 0.25, "test": 0.25}, "model": net, "train": TRAIN}
    page["data"]["path"] = str(Path(name) / data.get("path", ""))
    page["track"] = {"system_metrics": False}
    recipe = Path(f"{name}.yaml")
    recipe.write_text(yaml.safe_dump(page))
    return recipe


def pictures(folder, draw, suffixes=(".jpg", ".png", ".bmp", ".gif", ".webp", ".tif")):
    for label in ("a", "b"):
        (folder / label).mkdir()
        for number in range(COUNT):
            pixels = draw.integers(0, 255, (24, 24, 3)).astype("u1")
            Image.fromarray(pixels).save(folder / label / f"{number}{suffixes[number % len(suffixes)]}")


def picture_table(folder, draw):
    pictures(folder, draw, (".png",))
    rows = [f"{each.parent.name}/{each.name},{each.parent.name}" for each in sorted(folder.rglob("*.png"))]
    (folder / "table.csv").write_text("\n".join(["path,label", *rows, ""]))


def archive(folder, draw):
    with tempfile.TemporaryDirectory() as scratch:
        pictures(Path(scratch), draw, (".png",))
        shutil.make_archive(str(folder / "pictures"), "zip", scratch)


def waves(folder, draw):
    import wave

    for label, pitch in (("low", 20), ("high", 40)):
        (folder / label).mkdir()
        for number in range(COUNT):
            with wave.open(str(folder / label / f"{number}.wav"), "wb") as file:
                file.setnchannels(1), file.setsampwidth(2), file.setframerate(8000)
                tone = np.sin(np.arange(4000) * pitch / 100 + draw.random()) + 0.1 * draw.standard_normal(4000)
                file.writeframes((tone * 9000).astype("<i2").tobytes())


def rows(folder, draw):
    lines = [",".join([f"{value:.4f}" for value in draw.standard_normal(16)] + ["ab"[i % 2]]) for i in range(24)]
    (folder / "signals.csv").write_text("\n".join([*lines, ""]))


def arrays(folder, draw):
    np.savez(folder / "signals.npz", x=draw.standard_normal((24, 16)), y=np.arange(24) % 2)


def dna(folder, draw):
    letters = ["".join(draw.choice(list("ACGT"), 20)) for _ in range(24)]
    (folder / "genes.fasta").write_text("".join(f">g{i} {'ab'[i % 2]}\n{each}\n" for i, each in enumerate(letters)))


def dna_table(folder, draw):
    letters = ["".join(draw.choice(list("ACGT"), 20)) for _ in range(24)]
    (folder / "genes.csv").write_text("".join(f"{each},{'ab'[i % 2]}\n" for i, each in enumerate(letters)))


def texts(folder, draw):
    lines = [f"the {('sea', 'wood')[i % 2]} number {i} is {i * 7},{('wet', 'dry')[i % 2]}" for i in range(24)]
    (folder / "texts.csv").write_text("\n".join(["text,label", *lines, ""]))


def numbers(folder, draw):
    lines = [f"{draw.random():.4f},{draw.random():.4f},{'ab'[i % 2]}" for i in range(24)]
    (folder / "table.csv").write_text("\n".join(["x,y,label", *lines, ""]))


def grids(folder, draw):
    for place, label in enumerate(("box", "rod")):
        (folder / label).mkdir()
        for number in range(COUNT):
            np.save(folder / label / f"{number}.npy", (draw.random((8, 8, 8)) < 0.3 + 0.4 * place).astype("u1"))


def meshes(folder, draw):
    faces = ["3 0 1 2", "3 0 1 3", "3 0 2 3", "3 1 2 3"]
    for label in ("flat", "tall"):
        (folder / label).mkdir()
        for number in range(COUNT):
            corners = [" ".join(f"{each:.3f}" for each in draw.random(3) * (1, 1, 1 + 3 * (label == "tall")))
                       for _ in range(4)]  # fmt: skip
            (folder / label / f"{number}.off").write_text("\n".join(["OFF", "4 4 0", *corners, *faces, ""]))


def idx(folder, draw):
    write_idx(folder)


CNN, CNN1D = {"net": "cnn", "filters": [4]}, {"net": "cnn1d", "filters": [4]}
VOXNET = {"net": "voxnet", "filters": [4], "kernel": [3], "stride": [1]}
KINDS = {
    "pictures": (pictures, {"source": "image_folder", "image_size": 24}, CNN),
    "picture_table": (picture_table, {"source": "picture_table", "path": "table.csv", "image_size": 24}, CNN),
    "archive": (archive, {"source": "image_folder", "path": "pictures.zip", "image_size": 24}, CNN),
    "idx": (idx, {"source": "idx"}, CNN),
    "sounds": (waves, {"source": "sounds"}, CNN),
    "recordings": (waves, {"source": "signals"}, CNN1D),
    "rows": (rows, {"source": "signals", "path": "signals.csv", "label": "last"}, CNN1D),
    "arrays": (arrays, {"source": "signals", "path": "signals.npz"}, CNN1D),
    "dna": (dna, {"source": "dna"}, CNN1D),
    "dna_table": (dna_table, {"source": "dna", "path": "genes.csv"}, CNN1D),
    "texts": (texts, {"source": "text", "path": "texts.csv"}, CNN1D),
    "numbers": (numbers, {"source": "table", "path": "table.csv"}, {"net": "mlp", "units": [4]}),
    "grids": (grids, {"source": "voxels"}, VOXNET),
    "meshes": (meshes, {"source": "voxels", "size": 8}, VOXNET),
}


# damage ---------------------------------------------------------------------------------------------------------------


def cut_short(data, draw):
    return data[: draw.randrange(len(data) + 1)]


def zeroed(data, draw):
    start = draw.randrange(len(data) + 1)
    end = min(len(data), start + draw.choice((1, 16, 256, len(data))))
    return data[:start] + bytes(end - start) + data[end:]


def changed(data, draw):
    data = bytearray(data)
    for _ in range(draw.choice((1, 4, 64))):
        if data:
            data[draw.randrange(len(data))] = draw.randrange(256)
    return bytes(data)


def huge_number(data, draw):
    """A number of the file, in binary or in digits, made as large as it can be."""
    start = draw.randrange(max(1, min(len(data), 128)))
    return data[:start] + draw.choice((b"\xff\xff\xff\x7f", b"\xff" * 8, b"9" * 30)) + data[start + 4 :]


def emptied(data, draw):
    return b""


def doubled(data, draw):
    return data + data


OTHERS = (
    b"<html><body>404</body></html>",
    b"\x89PNG\r\n\x1a\n",
    b"RIFF\0\0\0\0WAVEfmt ",
    b"PK\x03\x04",
    b"\x93NUMPY\x01\x00",
    b"\0" * 4096,
    bytes(range(256)) * 8,
    "ä,ö,ü\n".encode("latin-1"),
)


def of_another_kind(data, draw):
    return draw.choice(OTHERS)


def shuffled(data, draw):
    middle = len(data) // 2
    return data[middle:] + data[:middle]


DAMAGE = (
    cut_short,
    cut_short,
    zeroed,
    zeroed,
    changed,
    changed,
    huge_number,
    emptied,
    doubled,
    of_another_kind,
    shuffled,
)


if __name__ == "__main__":
    main()
