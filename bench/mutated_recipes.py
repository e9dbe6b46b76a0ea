"""Every recipe under recipes/ mutated by a seed: is each fault refused in a clear line, and does what passes run?

python bench/mutated_recipes.py [--count 2000] [--seed 7] [--runs 0.65] [--first 0] [--jobs 2] [--only NUMBER]

Each mutant goes through `tlkit check` in a forked child with 30 seconds and 2 GB; of those that pass, a share goes
through a run of one epoch, in 4 GB or, where the net itself is too large for that, in nearly all that the machine has.
Exit code 1 where anything but a pass or a clear refusal came of it, where a check wrote anything, or a run touched data
or recipes; each such mutant is shown.
"""

import collections
import copy
import math
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import yaml
from bounded import (
    LARGE,
    OFFENCES,
    RUNNING,
    Ending,
    contents,
    differing,
    in_shares,
    outcome,
    parser_of,
    preload,
    shortened,
)
from datasets import ROOT
from filelock import FileLock
from PIL import Image

FEW = 40  # examples of each sample
SPECIAL = (
    None, True, False, 0, 1, -1, 2, 7, 10**6, 10**18, -(10**18), 2**31, 2**63, 1e-9, 1e9, 1e308, math.inf, math.nan, "",
    " ", "none", "null", "1e-4", "abc", "ä", "日本語", "\u202e", "a" * 5000, "x\ny", "../..", ".",
    "~", [], {}, [[]], [[[1]]], {"a": {"b": {"c": 1}}}, [1, 2, 3], ["a", None], [0], [-1], {"name": "x"}, [math.nan],
    "32", "True", "auto", "val/loss", "imagenet", "file.py:build", ":", "a:b:c", "hub:", "hub:none",
)  # fmt: skip

EXCUSES = {
    "the loss became": "diverged",
    "values are NaN or infinite": "diverged",
    "cannot be fetched": "not fetched",
}  # no recipe's fault; there is no network


class Mutant(NamedTuple):
    number: int
    origin: Path  # the recipe that it was
    page: dict
    done: list[str]
    to_run: bool  # if it passes


def main():
    parser = parser_of(__doc__, count=2000, count_of="mutants", runs=0.65)
    parser.add_argument("--only", type=int, help="the mutant of this number alone, with all that was said of it")
    given, begun = parser.parse_args(), time.monotonic()
    pages = {path: yaml.safe_load(path.read_text()) for path in sorted((ROOT / "recipes").rglob("*.yaml"))}
    with tempfile.TemporaryDirectory(prefix="mutated-") as folder:
        prepare(Path(folder, "home", "project"), pages)  # what `../..` names is ours too
        preload()
        sound = [path for path, page in pages.items() if is_sound(path, page)]
        numbers = range(given.first, given.first + given.count) if given.only is None else [given.only]
        counts = survey([mutant(number, given, sound, pages) for number in numbers], given)
    print(f"seed {given.seed}, {len(numbers)} from {given.first} on, {time.monotonic() - begun:.0f} s: ", end="")
    print("  ".join(f"{name}: {number}" for name, number in sorted(counts.items())))
    sys.exit(any(counts[name] for name in OFFENCES))


def mutant(number, given, sound, pages):
    draw = random.Random(f"{given.seed}/{number}")
    path = draw.choice(sound)
    page, done = mutated(pages[path], draw, list(pages.values()))
    return Mutant(number, path, page, done, draw.random() < given.runs)


def survey(mutants, given):
    """How many mutants ended in which way: all checked first, which must not write, then some run."""
    counts, passed = collections.Counter(), []
    before = contents(Path("recipes")) | contents(Path("data"))
    for each, ending in zip(mutants, in_shares(checked, mutants, given.jobs), strict=True):
        count(counts, each, ending, always=given.only is not None)
        passed += [each] if ending.verdict == "passed" and each.to_run else []
    tell_changes(counts, before, "written")
    for each, ending in zip(passed, in_shares(ran, passed, given.jobs), strict=True):
        count(counts, each, ending, always=given.only is not None)
    tell_changes(counts, before, "lost")
    return counts


def count(counts, each, ending, *, always):
    counts[ending.verdict] += 1
    if always or ending.verdict in OFFENCES:
        where = each.origin.relative_to(ROOT)
        print(f"{ending.verdict}: {each.number}: {where}: {'; '.join(each.done)}", flush=True)
        print(f"    {shortened(ending.text)}", flush=True)


def tell_changes(counts, before, verdict):
    """A check may write nothing at all, a run new data where a sample is asked for."""
    new, changed = differing(before, contents(Path("recipes")) | contents(Path("data")))
    for each in (new if verdict == "written" else []) + changed:
        counts[verdict] += 1
        print(f"{verdict}: {each}", flush=True)


def prepare(folder, pages):
    """A project of copies of the recipes, with a few examples where each looks for its data."""
    from tlkit import catalog
    from tlkit.data.download.sampling import draw_sample

    shutil.copytree(ROOT / "recipes", folder / "recipes")
    os.chdir(folder)
    os.environ |= {
        "TLKIT_CACHE": str(folder / "cache"),
        "KERAS_HOME": str(folder / "keras"),
    }
    os.environ |= dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")  # nobody listens: no network
    instead = {"image_folder": "cats", "signals": "heartbeats", "dna": "promoters", "voxels": "solids"}
    for path in pages:
        from tlkit.recipe.loading import load_recipe

        data = load_recipe(path.relative_to(ROOT)).data  # the copy: files of Python beside it lie in the working folder
        place, sample = Path(data.path), data.sample or instead.get(data.source)
        if data.source == "idx":
            write_idx(place)
        elif data.source == "views" and not sample:
            write_turns(place)
        elif sample and not place.exists():
            takes_count = "count" in (catalog.arguments(sample, catalog.SAMPLES, kind="sample") or {})
            draw_sample(sample, place, **({"count": FEW} if takes_count else {}))


def write_idx(place):
    """Noise in MNIST's format."""
    place.mkdir(parents=True, exist_ok=True)
    for seed, part in enumerate(("train", "t10k")):
        pixels, labels = np.random.default_rng(seed).integers(0, 255, (60, 28, 28)), np.arange(60) % 10
        for name, kind, values in (("images-idx3", 3, pixels), ("labels-idx1", 1, labels)):
            sizes = b"".join(size.to_bytes(4, "big") for size in values.shape)
            (place / f"{part}-{name}-ubyte").write_bytes(bytes([0, 0, 8, kind]) + sizes + values.astype("u1").tobytes())


def write_turns(place):
    """Noise as views of objects on a turntable, named as COIL-20 names them."""
    place.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(0)
    for name in (f"obj{thing}__{view}.png" for thing in range(1, 5) for view in range(16)):
        Image.fromarray(draw.integers(0, 255, (32, 32)).astype("u1")).save(place / name)


# mutations ------------------------------------------------------------------------------------------------------------


def mutated(page, draw, others):
    """A copy of a page with one to three faults, and what was done to it."""
    page, done = copy.deepcopy(page), []
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        done.append(draw.choice(MUTATIONS)(page, draw, others))
    return page, done


def places(page, path=()):
    """Every place in a page as (container, key, dotted path)."""
    for key in list(page) if isinstance(page, dict) else range(len(page)):
        yield page, key, ".".join(map(str, (*path, key)))
        if isinstance(page[key], dict | list):
            yield from places(page[key], (*path, key))


def some(page, draw):
    return draw.choice(list(places(page)) or [(page, "name", "name")])


def delete(page, draw, others):
    held, key, where = some(page, draw)
    held.pop(key, None) if isinstance(held, dict) else held.pop(key)
    return f"delete {where}"


def replace(page, draw, others):
    held, key, where = some(page, draw)
    held[key] = copy.deepcopy(draw.choice(SPECIAL))
    return f"{where} = {held[key]!r}"[:90]


def retype(page, draw, others):
    held, key, where = some(page, draw)
    kinds = (str, lambda value: [value], lambda value: {"value": value}, lambda value: [value] * 3, bool, repr)
    held[key] = draw.choice(kinds)(held[key])
    return f"{where} as {held[key]!r}"[:90]


def scale(page, draw, others):
    numbers = [each for each in places(page) if type(each[0][each[1]]) in (int, float)]
    held, key, where = draw.choice(numbers or [some(page, draw)])
    if type(held[key]) in (int, float):
        held[key] = draw.choice((-1, 0, 0.5, 10, 100, 1e6)) * held[key]
    return f"{where} = {held[key]!r}"[:90]


def swap(page, draw, others):
    (one, first, here), (other, second, there) = some(page, draw), some(page, draw)
    one[first], other[second] = copy.deepcopy(other[second]), copy.deepcopy(one[first])
    return f"swap {here} and {there}"


def misspell(page, draw, others):
    held, key, where = draw.choice([each for each in places(page) if isinstance(each[0], dict)] or [(page, "", "")])
    text, place = str(key), draw.randrange(len(str(key)) + 1)
    wrong = draw.choice((text[:place] + text[place + 1 :], text[:place] + "x" + text[place:], text.upper(), text + "é"))
    if key in held:
        held[wrong] = held.pop(key)
    return f"{where} spelt {wrong}"


def foreign(page, draw, others):
    """A key of another recipe, with its value or another's, put anywhere."""
    held, key, where = draw.choice([each for each in places(draw.choice(others)) if isinstance(each[0], dict)])
    target = draw.choice([page, *(each[0][each[1]] for each in places(page) if isinstance(each[0][each[1]], dict))])
    target[key] = copy.deepcopy(held[key])
    return f"{where} from another = {held[key]!r}"[:90]


def section(page, draw, others):
    """A whole section of another recipe."""
    other = draw.choice(others)
    name = draw.choice([each for each in other if each not in ("name", "description", "base")])
    page[name] = copy.deepcopy(other[name])
    return f"{name} of {other.get('name')}"


def deepen(page, draw, others):
    held, key, where = some(page, draw)
    for _ in range(draw.choice((3, 50))):
        held[key] = [held[key]] if draw.random() < 0.5 else {"x": held[key]}
    return f"{where} nested"


def odd_key(page, draw, others):
    targets = [page, *(each[0][each[1]] for each in places(page) if isinstance(each[0][each[1]], dict))]
    key = draw.choice((1, True, None, 2.5, "", " ", "日本", "a.b", "k" * 3000, "int", "str_x", "__class__", "self"))
    draw.choice(targets)[key] = draw.choice((1, "x", {}, []))
    return f"key {key!r}"[:60]


MUTATIONS = (delete, replace, replace, replace, retype, scale, scale, swap, misspell, foreign, foreign, section, deepen,
             odd_key)  # fmt: skip


# what is said of a mutant ---------------------------------------------------------------------------------------------


def is_sound(path, page):
    ending = checked(Mutant(-1, path, page, [], False))
    if ending.verdict != "passed":
        print(f"left out, for it does not pass as it is: {path.relative_to(ROOT)}: {shortened(ending.text)}")
    return ending.verdict == "passed"


def checked(each):
    """How a check of a mutant ends."""
    return said(each, "check")


def ran(each):
    """How a run of one epoch ends of what a check let pass."""
    phases = each.page.get("train") or {}
    changes = ["train.epochs=1", "track.system_metrics=false"]
    changes += [f"train.phases.{index}.epochs=1" for index in range(len(phases.get("phases") or []))]
    options = ["--offline", *(part for change in changes for part in ("--set", change))]
    ending = said(each, "run", *options, bounds=RUNNING)
    if ending.verdict == "memory":  # a net of so many filters needs it: then it must train where there is room
        with FileLock(Path.cwd() / "large.lock"):
            again = said(each, "run", *options, bounds=LARGE)
        ending = again._replace(verdict="large") if again.verdict == "passed" else ending
    if ending.verdict == "refused":
        excuse = next((word for said, word in EXCUSES.items() if said in ending.text), "refused by the run")
        return Ending(excuse, ending.text)
    return ending if ending.verdict != "passed" else Ending("ran", ending.text)


def said(each, command, *options, **bounds):
    """How a command ends that is given the mutant as a file beside the recipe that it was."""
    file = Path.cwd() / each.origin.relative_to(ROOT).with_name(f"mutant{each.number}.yaml")
    file.write_text(yaml.safe_dump(each.page, sort_keys=False, allow_unicode=True), encoding="utf-8")
    try:
        return outcome(command, file, *options, **bounds)
    finally:
        file.unlink()


if __name__ == "__main__":
    main()
