"""Occlusion against the plain loop and against the engine's bare passes; style transfer against a plain Keras script.

python bench/explain.py RUN [--only occlusion|style] [--rounds 3] [--loop 60]    (RUN: efficientnet-lite0, in ./mlruns)
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
from PIL import Image

import tlkit
from tlkit.interpretation.methods.occlusion import cover, occlude
from tlkit.interpretation.target import subject_of

HERE = Path(__file__).parent


def pictures():
    """scikit-image's cat and its cup of coffee, as files."""
    import skimage.data

    home = Path(skimage.data.__file__).parent
    return home / "chelsea.png", home / "coffee.png"


def plain_loop(model, example, output, corners, count):
    """Blacken, predict one, repeat: seconds a pass, over the first `count` of them."""
    model.predict(example[None], verbose=0)
    begun = time.monotonic()
    for top, left in corners[:count]:
        changed = example.copy()
        changed[top : top + 16, left : left + 16] = 0
        model.predict(changed[None], verbose=0)[0, output]
    return (time.monotonic() - begun) / count


def occlusion_round(subject, example, loop):
    """Seconds of the plain loop (from part of it), of occlusion, and of the same passes on arrays that lie ready."""
    covered = cover(example, axes=2, patch=16, stride=8)
    passes = [example] * len(covered)
    subject.answers(passes)
    bare = subject.answers.seconds  # inside the worker, without any sending
    begun = time.monotonic()
    occlude(subject.answers, example, 0, axes=2, patch=16, stride=8)
    ours = time.monotonic() - begun
    subject.answers(passes)
    bare = min(bare, subject.answers.seconds)
    return plain_loop(subject.model, example, 0, covered.corners, loop) * len(covered.corners), ours, bare


def style_round(content, style, size, steps):
    """Seconds of the plain script and of tlkit, both from Python that has loaded Keras."""
    plain = [sys.executable, str(HERE / "plain_style.py"), str(content), str(style), str(size), str(steps)]
    ours = [sys.executable, "-c", _OURS, str(content), str(style), str(size), str(steps)]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])}
    found = []
    for command in (plain, ours):
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=True, cwd=tempfile.gettempdir())
        found.append(json.loads(done.stdout.strip().splitlines()[-1]))
    return found


_OURS = """
import json, sys, time
from tlkit.quiet import load_keras
load_keras()
from tlkit.commands.stylize import stylize
begun = time.monotonic()
done = stylize(sys.argv[1], sys.argv[2], size=int(sys.argv[3]), steps=int(sys.argv[4]))
print(json.dumps({"seconds": time.monotonic() - begun, **done.losses[-1]}))
"""


def shown(values):
    """Median, least and most."""
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def occlusion_table(run, content, rounds, loop):
    """Occlusion against the loop and the bare passes, in each precision."""
    example = np.asarray(Image.open(content).resize((224, 224)))
    for precision in ("auto", "float32"):
        subject = subject_of(tlkit.load_run(run), precision=precision)
        with subject.answers as answers:
            answers([example] * 100)  # starts the engine
            found = [occlusion_round(subject, example, loop) for _ in range(rounds)]
        print(f"occlusion, 224 px, patch 16, stride 8, {precision}")
        print(f"  plain loop   {shown([each[0] for each in found])} s (from {loop} passes)")
        print(f"  tlkit        {shown([each[1] for each in found])} s")
        print(f"  passes alone {shown([each[2] for each in found])} s")
        print(f"  times faster than the loop {statistics.median(each[0] / each[1] for each in found):.1f}, ", end="")
        print(f"of the passes alone {statistics.median(each[1] / each[2] for each in found):.2f}")


def style_table(content, style, rounds):
    """Painting against the plain script."""
    found = [style_round(content, style, 256, 100) for _ in range(rounds)]
    for index, name in enumerate(("plain script", "tlkit")):
        last = found[-1][index]
        losses = f"style loss {last['style']:.4f}, content loss {last['content']:.3f}"
        print(f"style, 256 px, 100 steps, {name}: {shown([each[index]['seconds'] for each in found])} s, {losses}")
    print(f"times faster {statistics.median(each[0]['seconds'] / each[1]['seconds'] for each in found):.2f}")


def main() -> None:
    """Print both tables, or one."""
    parser = argparse.ArgumentParser()
    parser.add_argument("run")
    parser.add_argument("--only", choices=("occlusion", "style"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--loop", type=int, default=60, help="passes of the plain loop that are timed")
    given = parser.parse_args()
    content, style = pictures()
    if given.only != "style":
        occlusion_table(given.run, content, given.rounds, given.loop)
    if given.only != "occlusion":
        style_table(content, style, given.rounds)


if __name__ == "__main__":
    main()
