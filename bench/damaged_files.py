"""Files of every kind of data damaged by a seed: is each set aside or refused in a clear line?

python bench/damaged_files.py [--count 500] [--seed 7] [--runs 0.05] [--kinds dna,text] [--first 0] [--jobs 2]

Each damaged file lies in a small sound data set, which is read as `tlkit check --data` reads it, a hundred one after
the other in a forked child, each within 30 seconds and 2 GB; a share goes through `predict` by a model of the sound
data as well, and where it could be read through a run of one epoch. Exit code 1 where anything but a pass or a clear
refusal came of it, or a file of the data was changed; each such file is shown, and kept where `--keep` says.
"""

import collections
import itertools
import json
import os
import random
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np
import pandas as pd
import yaml
from bounded import (
    OFFENCES,
    PATIENCE,
    READING,
    RUNNING,
    Bounds,
    Ending,
    code_of,
    contents,
    in_shares,
    killed,
    outcome,
    parser_of,
    preload,
    shortened,
    text_in,
    usage_of,
    verdict_of,
)
from mutated_recipes import write_idx
from PIL import Image

from tlkit.cli.group import Commands
from tlkit.recipe.loading import load_recipe

COUNT = 12  # examples of each class
TRAIN = {"epochs": 1, "batch_size": 8}
BATCH = 100  # files that one child reads
PREDICTING = Bounds(60, 2 << 30)


class Damaged(NamedTuple):
    """A sound data set with one file of it damaged."""

    number: int
    form: str
    to_run: bool  # as well as read

    @property
    def home(self):
        return Path("damaged") / f"{self.form}-{self.number}"

    @property
    def recipe(self):
        return self.home.with_suffix(".yaml")


def main():
    parser = parser_of(__doc__, count=500, count_of="damaged files of each kind of data", runs=0.05)
    parser.add_argument("--kinds", default=",".join(FORMS), help="kinds of data")
    parser.add_argument("--keep", type=Path, help="a folder for the files that did what they must not")
    given, begun = parser.parse_args(), time.monotonic()
    keep, kinds = given.keep and given.keep.resolve(), given.kinds.split(",")
    with tempfile.TemporaryDirectory(prefix="damaged-") as folder:
        os.chdir(folder)
        os.environ["TLKIT_CACHE"] = str(Path(folder) / "cache")
        Path("damaged").mkdir()
        for kind in kinds:
            for name, (write, data) in FORMS[kind].items():
                written(name, write, data, NETS[kind])
        if given.runs:  # data alone are read without Keras
            preload()
        forms = [name for kind in kinds for name in FORMS[kind]]
        models = dict(zip(forms, in_shares(model_of, forms, given.jobs), strict=True)) if given.runs else {}
        for kind in kinds:
            tell(kind, survey(kind, models, given, keep), given, begun)
    sys.exit(any(OFFENCES_SEEN.values()))


OFFENCES_SEEN = collections.Counter()


def tell(kind, counts, given, begun):
    OFFENCES_SEEN.update({name: counts[name] for name in OFFENCES})
    print(f"{kind}, seed {given.seed}, {given.count} from {given.first} on, {time.monotonic() - begun:.0f} s: ", end="")
    print("  ".join(f"{name}: {number}" for name, number in sorted(counts.items())), flush=True)


def survey(kind, models, given, keep):
    """How many damaged files of a kind of data ended in which way."""
    draw, counts = random.Random(f"{given.seed}/{kind}"), collections.Counter()
    runs = [draw.random() < given.runs for _ in range(given.first + given.count)][given.first :]
    names = itertools.cycle(FORMS[kind])
    all_of = [Damaged(given.first + i, next(names), to_run) for i, to_run in enumerate(runs)]
    done = {each: damage(each, given.seed) for each in all_of}
    batches = [all_of[start : start + BATCH] for start in range(0, len(all_of), BATCH)]
    read = dict(itertools.chain.from_iterable(in_shares(checked, batches, given.jobs)))
    more = [(each, what) for each in all_of if each.to_run for what in ("run", "predict")
            if what == "predict" or read[each].verdict in ("passed", "set aside")]  # fmt: skip
    used = in_shares(used_by, [(each, what, models[each.form]) for each, what in more], given.jobs) if more else ()
    for each, what, ending in [*((each, "read", ending) for each, ending in read.items()),
                               *((*pair, ending) for pair, ending in zip(more, used, strict=True))]:  # fmt: skip
        counts[f"{what}: {ending.verdict}" if what != "read" else ending.verdict] += 1
        if ending.verdict in OFFENCES:
            counts[ending.verdict] += what != "read"
            print(f"{ending.verdict}: {what} {each.number}: {done[each]}\n    {shortened(ending.text)}", flush=True)
            if keep is not None:
                shutil.copytree(each.home, keep / each.home.name, dirs_exist_ok=True)
    return counts


def damage(each, seed):
    """One file of a copy of the data damaged; what was done to which."""
    draw = random.Random(f"{seed}/{each.form}/{each.number}")
    shutil.copytree(each.form, each.home)
    file = draw.choice(sorted(one for one in each.home.rglob("*") if one.is_file()))
    how = draw.choice(DAMAGE)
    file.write_bytes(how(file.read_bytes(), draw))
    page = yaml.safe_load(Path(f"{each.form}.yaml").read_text())
    page["data"]["path"] = str(each.home / Path(page["data"]["path"]).relative_to(each.form))
    each.recipe.write_text(yaml.safe_dump(page))
    return f"{how.__name__} {file}"


def checked(batch):
    """How `check --data` ends for each of a batch, in as few forked children as there are ends of these."""
    found = []
    while len(found) < len(batch):
        found += _in_one_child(batch[len(found) :])
    return found


def _in_one_child(batch):
    """Endings of the first of a batch, until the child that reads them dies or is killed for the one it reads."""
    with tempfile.NamedTemporaryFile() as told:
        child = os.fork()
        if not child:
            os.setpgid(0, 0)
            with open(told.name, "a", encoding="utf-8") as out:
                for each in batch:
                    print(json.dumps(_read(each)), file=out, flush=True)
            os._exit(0)
        wrong = _watched(child, told.name, len(batch))
        endings = [Ending(*json.loads(line)) for line in Path(told.name).read_text(encoding="utf-8").splitlines()]
    endings += [Ending(wrong, "")] if wrong else []
    return list(zip(batch, endings, strict=False))


def _watched(child, told, most):
    """What a child was killed for, or `killed` where it died by itself before its last file; else None."""
    done, since, spent = 0, time.monotonic(), 0.0
    while not os.waitpid(child, os.WNOHANG)[0]:
        time.sleep(0.1)
        size = os.stat(told).st_size
        used = usage_of(child)
        if size != done:
            done, since, spent = size, time.monotonic(), used.seconds
        if used.seconds > spent + READING.seconds or time.monotonic() > since + PATIENCE * READING.seconds:
            return killed(child, "hang")
        if used.bytes > READING.bytes:
            return killed(child, "memory")
    return "killed" if len(Path(told).read_text(encoding="utf-8").splitlines()) < most else None


@click.group(cls=Commands)
def of_data():
    """What `check --data` reads, apart from what it makes of the model; mistakes are told as tlkit tells them."""


@of_data.command()
@click.argument("recipe")
def read(recipe):
    """Every example once; those that cannot be used are named."""
    from tlkit.commands.check_data import look_at

    subject = look_at(load_recipe(recipe))
    for name, why in {**subject.info.set_aside, **subject.unreadable}.items():
        click.echo(f"{name}: {why}")


def _read(each):
    """(verdict, text) of a check, in this very process."""
    before = contents(each.home)
    with tempfile.TemporaryFile() as out:
        code = code_of(("read", each.recipe), out.fileno(), of_data)
        text = text_in(out)
    if contents(each.home) != before:
        return "lost", text
    verdict = verdict_of(code, text)
    return ("set aside" if verdict == "passed" and text.strip() else verdict), text


def used_by(task):
    """How a run on damaged data ends, or a prediction for them by a model of the sound ones."""
    each, what, model = task
    before = contents(each.home)
    path = yaml.safe_load(each.recipe.read_text())["data"]["path"]
    command = ("run", each.recipe, "--offline") if what == "run" else ("predict", model, path)
    ending = outcome(*command, bounds=RUNNING if what == "run" else PREDICTING)
    if contents(each.home) != before:
        return Ending("lost", ending.text)
    return ending


def model_of(name):
    """The run on sound data, whose model predicts for these."""
    ending = outcome("run", f"{name}.yaml", bounds=RUNNING)
    assert ending.verdict == "passed", f"{name} is not sound to begin with: {ending.text}"
    model = re.search(r"^run +(\w{8}) in", ending.text, re.MULTILINE).group(1)
    path = yaml.safe_load(Path(f"{name}.yaml").read_text())["data"]["path"]
    ending = outcome("predict", model, path, bounds=PREDICTING)
    assert ending.verdict == "passed", f"{name} is not predicted for: {ending.text}"
    return model


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


def picture_parquet(folder, draw):
    pictures(folder, draw, (".png",))
    files = sorted(folder.rglob("*.png"))
    frame = pd.DataFrame(
        {"image": [each.read_bytes() for each in files], "label": [each.parent.name for each in files]}
    )
    frame.to_parquet(folder / "table.parquet")
    for each in ("a", "b"):
        shutil.rmtree(folder / each)


def tar(folder, draw):
    with tempfile.TemporaryDirectory() as scratch:
        pictures(Path(scratch), draw, (".png",))
        shutil.make_archive(str(folder / "pictures"), "xztar", scratch)


def waves(folder, draw):
    """Whole numbers of 8 to 32 bits, as the standard library writes them."""
    import wave

    for label, pitch in (("low", 20), ("high", 40)):
        (folder / label).mkdir()
        for number in range(COUNT):
            with wave.open(str(folder / label / f"{number}.wav"), "wb") as file:
                width = (1, 2, 4)[number % 3]
                file.setnchannels(1), file.setsampwidth(width), file.setframerate(8000)
                tone = np.sin(np.arange(4000) * pitch / 100 + draw.random()) + 0.1 * draw.standard_normal(4000)
                whole = tone * 0.3 * 2 ** (8 * width - 1) + 128 * (width == 1)
                file.writeframes(whole.astype({1: "u1", 2: "<i2", 4: "<i4"}[width]).tobytes())


def recorded_tables(folder, draw):
    """A recording a file, as arrays and as tables."""
    for place, label in enumerate(("low", "high")):
        (folder / label).mkdir()
        for number in range(COUNT):
            values = draw.standard_normal((16, 2)) + 3 * place
            if number % 2:
                np.save(folder / label / f"{number}.npy", values)
            else:
                np.savetxt(folder / label / f"{number}.csv", values, fmt="%.3f", delimiter=",")


def rows(folder, draw):
    lines = [",".join([f"{value:.4f}" for value in draw.standard_normal(16)] + ["ab"[i % 2]]) for i in range(24)]
    (folder / "signals.csv").write_text("\n".join([*lines, ""]))


def arrays(folder, draw):
    np.savez(folder / "signals.npz", x=draw.standard_normal((24, 16)), y=np.arange(24) % 2)


def separate_arrays(folder, draw):
    np.save(folder / "x.npy", draw.standard_normal((24, 16)))
    np.save(folder / "y.npy", np.arange(24) % 2)


def dna_letters(folder, draw):
    """A letter a cell, without a header."""
    lines = [",".join([*draw.choice(list("ACGT"), 20), "ab"[i % 2]]) for i in range(24)]
    (folder / "genes.data").write_text("\n".join([*lines, ""]))


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


def tabs(folder, draw):
    numbers(folder, draw)
    (folder / "table.tsv").write_text((folder / "table.csv").read_text().replace(",", "\t"))
    (folder / "table.csv").unlink()


def parquet(folder, draw):
    numbers(folder, draw)
    pd.read_csv(folder / "table.csv").to_parquet(folder / "table.parquet")
    (folder / "table.csv").unlink()


def text_files(folder, draw):
    for label, word in (("wet", "sea"), ("dry", "wood")):
        (folder / label).mkdir()
        for number in range(COUNT):
            (folder / label / f"{number}.txt").write_text(f"the {word} number {number} is {number * 7}")


def views(folder, draw):
    for label in ("cup", "pot"):
        for thing in range(COUNT):
            home = folder / label / f"{thing:02}"
            home.mkdir(parents=True)
            for view in range(3):
                Image.fromarray(draw.integers(0, 255, (24, 24, 3)).astype("u1")).save(home / f"{view}.png")


def named_views(folder, draw):
    for label in ("cup", "pot"):
        for thing, view in itertools.product(range(COUNT), range(3)):
            pixels = draw.integers(0, 255, (24, 24, 3)).astype("u1")
            Image.fromarray(pixels).save(folder / f"{label}_{thing}_{view}.png")


def grid_archive(folder, draw):
    np.savez(folder / "grids.npz", X=(draw.random((24, 8, 8, 8)) < 0.5).astype("u1"), y=np.arange(24) % 2)


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
NETS = {
    "image": CNN,
    "sound": CNN,
    "signal": CNN1D,
    "table": {"net": "mlp", "units": [4]},
    "dna": CNN1D,
    "text": CNN1D,
    "views": {"net": "multiview", "backbone": "cnn", "options": {"filters": [4]}},
    "voxels": {"net": "voxnet", "filters": [4], "kernel": [3], "stride": [1]},
}
PIXELS = {"image_size": 24}
FORMS = {
    "image": {
        "pictures": (pictures, {"source": "image_folder", **PIXELS}),
        "picture_table": (picture_table, {"source": "picture_table", "path": "table.csv", **PIXELS}),
        "picture_parquet": (picture_parquet, {"source": "picture_table", "path": "table.parquet", "image": "image",
                                              **PIXELS}),
        "zip": (archive, {"source": "image_folder", "path": "pictures.zip", **PIXELS}),
        "tar": (tar, {"source": "image_folder", "path": "pictures.tar.xz", **PIXELS}),
        "idx": (idx, {"source": "idx"}),
    },
    "sound": {"sounds": (waves, {"source": "sounds"})},
    "signal": {
        "recordings": (waves, {"source": "signals"}),
        "recorded_tables": (recorded_tables, {"source": "signals"}),
        "rows": (rows, {"source": "signals", "path": "signals.csv", "label": "last"}),
        "npz": (arrays, {"source": "signals", "path": "signals.npz"}),
        "npy": (separate_arrays, {"source": "signals", "path": "x.npy"}),
    },
    "table": {
        "csv": (numbers, {"source": "table", "path": "table.csv"}),
        "tsv": (tabs, {"source": "table", "path": "table.tsv"}),
        "parquet": (parquet, {"source": "table", "path": "table.parquet"}),
    },
    "dna": {
        "fasta": (dna, {"source": "dna"}),
        "dna_table": (dna_table, {"source": "dna", "path": "genes.csv"}),
        "dna_letters": (dna_letters, {"source": "dna", "path": "genes.data"}),
    },
    "text": {
        "texts": (texts, {"source": "text", "path": "texts.csv"}),
        "text_files": (text_files, {"source": "text"}),
    },
    "views": {
        "view_folders": (views, {"source": "views", **PIXELS}),
        "view_names": (named_views, {"source": "views", "pattern": "{label}_{object}_{view}.png", **PIXELS}),
    },
    "voxels": {
        "grids": (grids, {"source": "voxels"}),
        "grid_archive": (grid_archive, {"source": "voxels", "path": "grids.npz"}),
        "meshes": (meshes, {"source": "voxels", "size": 8}),
    },
}  # fmt: skip


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
