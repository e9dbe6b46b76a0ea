"""Every recipe under recipes/ mutated by a seed: is each fault refused in a clear line, and does what passes run?

python bench/mutated_recipes.py [--count 2000] [--seed 7] [--runs 0.05]

Each mutant goes through `tlkit check` in a forked child with 30 seconds and 2 GB; of those that pass, a share goes
through a run of one epoch. Exit code 1 where anything but a pass or a clear refusal came of it; each such mutant is
shown.
"""

import argparse
import collections
import contextlib
import copy
import math
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil
import yaml
from datasets import ROOT
from PIL import Image

SECONDS, BYTES = 30, 2 << 30  # for a check
RUN_SECONDS, RUN_BYTES = 180, 4 << 30
LONGEST = 3100  # characters of a refusal, with what is said of those left out
FEW = 40  # examples of each sample
OFFENCES = ("traceback", "killed", "hang", "memory", "unclear", "refused by the run")
SPECIAL = (
    None, True, False, 0, 1, -1, 2, 7, 10**6, 10**18, -(10**18), 2**31, 2**63, 1e-9, 1e9, 1e308, math.inf, math.nan, "",
    " ", "none", "null", "1e-4", "abc", "ä", "日本語", "\u202e", "a" * 5000, "x\ny", "../..", ".",
    "~", [], {}, [[]], [[[1]]], {"a": {"b": {"c": 1}}}, [1, 2, 3], ["a", None], [0], [-1], {"name": "x"}, [math.nan],
    "32", "True", "auto", "val/loss", "imagenet", "file.py:build", ":", "a:b:c", "hub:", "hub:none",
)  # fmt: skip


def main():
    given = arguments()
    pages = {path: yaml.safe_load(path.read_text()) for path in sorted((ROOT / "recipes").rglob("*.yaml"))}
    with tempfile.TemporaryDirectory(prefix="mutated-") as folder:
        prepare(Path(folder), pages)
        preload()
        said = {path: said_of(path, page) for path, page in pages.items()}
        sound = [path for path, (verdict, _) in said.items() if verdict == "passed"]
        for path in sorted(set(pages) - set(sound)):
            print(f"left out, for it does not pass as it is: {path.relative_to(ROOT)}: {shortened(said[path][1])}")
        counts = survey(sound, pages, given)
    print("  ".join(f"{name}: {number}" for name, number in sorted(counts.items())))
    sys.exit(any(counts[name] for name in OFFENCES))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--runs", type=float, default=0.05, help="share of the passed mutants that are run")
    parser.add_argument("--only", type=int, help="the mutant of this number alone, with all that was said of it")
    return parser.parse_args()


def survey(sound, pages, given):
    """How many mutants ended in which way."""
    counts, begun = collections.Counter(), time.monotonic()
    for number in range(given.count) if given.only is None else [given.only]:
        draw = random.Random(f"{given.seed}/{number}")
        path = draw.choice(sound)
        page, done = mutated(pages[path], draw, list(pages.values()))
        verdict, text = said_of(path, page)
        counts[verdict] += 1
        if verdict == "passed" and draw.random() < given.runs:
            verdict, text = run_of(path)
            counts[verdict] += 1
        if verdict in OFFENCES or given.only is not None:
            print(
                f"{verdict}: {number}: {path.relative_to(ROOT)}: {'; '.join(done)}\n    {shortened(text)}", flush=True
            )
        if number % 200 == 199:
            print(f"{number + 1} in {time.monotonic() - begun:.0f} s: {dict(counts)}", file=sys.stderr, flush=True)
    return counts


def prepare(folder, pages):
    """A project of copies of the recipes, with a few examples where each looks for its data."""
    from tlkit import catalog
    from tlkit.data.download.sampling import draw_sample

    shutil.copytree(ROOT / "recipes", folder / "recipes")
    os.chdir(folder)
    os.environ |= {
        "TLKIT_CACHE": str(folder / "cache"),
        "KERAS_HOME": str(folder / "keras"),
        "CUDA_VISIBLE_DEVICES": "-1",
    }
    os.environ |= dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")  # nobody listens: no network
    instead = {"image_folder": "cats", "signals": "heartbeats", "dna": "promoters", "voxels": "solids"}
    for path in pages:
        from tlkit.recipe.loading import load_recipe

        data = load_recipe(path).data
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


def preload():
    """What children would otherwise import again and again; nothing is computed here, so that forking is safe."""
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3"}
    from tlkit.quiet import load_keras

    load_keras()
    import keras_tuner  # noqa: F401

    import tlkit.cli
    import tlkit.commands.check
    import tlkit.commands.preflight.rehearsal  # noqa: F401


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


def said_of(path, page):
    """(verdict, text) of a check, in a forked child."""
    file = place_of(path)
    file.write_text(yaml.safe_dump(page, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return outcome("check", file)


def outcome(*command):
    """(verdict, text) of a command of tlkit, in a forked child."""
    with tempfile.TemporaryFile() as out:
        child = os.fork()
        if not child:
            answer(command, out)
        ended = awaited(psutil.Process(child), SECONDS, BYTES)
        out.seek(0)
        text = out.read().decode(errors="replace")
    return (ended, text) if isinstance(ended, str) else (verdict_of(ended, text), text)


def place_of(path):
    return Path.cwd() / path.relative_to(ROOT).with_name("mutant.yaml")


def answer(command, out):
    """In the child: the command, and the end of this process whatever comes."""
    os.setpgid(0, 0)
    os.dup2(out.fileno(), 1)
    os.dup2(out.fileno(), 2)
    code = 1
    try:
        from tlkit.cli import main

        main([str(each) for each in command])
    except SystemExit as ended:
        code = ended.code or 0
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        with contextlib.suppress(BaseException):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def awaited(process, seconds, most):
    """The exit code of a process, or what it was killed for."""
    end = time.monotonic() + seconds
    while True:
        with contextlib.suppress(psutil.Error):
            if process.status() == psutil.STATUS_ZOMBIE:
                break
            every = [process, *process.children(recursive=True)]
            if sum(each.memory_info().rss for each in every) > most:
                return killed(process, "memory")
        if not process.is_running():
            break
        if time.monotonic() > end:
            return killed(process, "hang")
        time.sleep(0.01)
    code = os.waitstatus_to_exitcode(os.waitpid(process.pid, 0)[1])
    return code


def killed(process, verdict):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    os.waitpid(process.pid, 0)
    return verdict


def verdict_of(code, text):
    if code < 0:
        return "killed"
    if code not in (0, 2) or "Traceback" in text:
        return "traceback"
    if code == 0:
        return "passed"
    lines = text.strip().splitlines()
    clear = lines and len(text) <= LONGEST and not any(line.startswith((" ", "\t")) for line in lines)
    return "refused" if clear else "unclear"


def run_of(path):
    """(verdict, text) of a run of one epoch of what passed."""
    file = place_of(path)
    phases = yaml.safe_load(file.read_text()).get("train") or {}
    settings = ["train.epochs=1", "track.system_metrics=false"]
    settings += [f"train.phases.{index}.epochs=1" for index in range(len(phases.get("phases") or []))]
    command = [
        sys.executable,
        "-m",
        "tlkit",
        "run",
        str(file),
        *(part for each in settings for part in ("--set", each)),
    ]
    with tempfile.TemporaryFile() as out:
        begun = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)
        ended = awaited(psutil.Process(begun.pid), RUN_SECONDS, RUN_BYTES)
        out.seek(0)
        text = out.read().decode(errors="replace")
    if isinstance(ended, str):
        return ended, text
    verdict = verdict_of(ended, text.strip().splitlines()[-1] if text.strip() else "")
    if verdict == "refused":
        return ("diverged" if "the loss became" in text else "refused by the run"), text
    return ("ran" if verdict == "passed" else verdict), text


def shortened(text):
    text = " | ".join(line.strip() for line in text.strip().splitlines()[-6:])
    return text if len(text) <= 900 else text[:300] + " ... " + text[-600:]


if __name__ == "__main__":
    main()
