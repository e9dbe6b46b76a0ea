"""Every kind of data in every format of export: which files answer as the model does, how fast, and why others do not.

    python bench/export.py                     all kinds
    python bench/export.py frozen signals      some of them
    python bench/export.py --data FOLDER       the frozen and fine-tuned pictures from a folder of one's own

Each recipe is run, its model exported in every format and precision, and each file held against the test split. Then
the bundle's `predict.py` answers its golden inputs in an environment that has that format's runtime, NumPy and Pillow
alone.
"""

import argparse
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path

from datasets import ROOT

import tlkit
from tlkit import catalog
from tlkit.errors import ModelError, TlkitError
from tlkit.exporting.checked_export import Exported, attempt
from tlkit.exporting.exporter import Format, format_of
from tlkit.exporting.jobs import Wanted
from tlkit.recipe.loading import changed_recipe, load_recipe
from tlkit.training.planning import load_data

KINDS = {
    "frozen": "cats.yaml", "finetuned": "cats_finetuned.yaml", "scratch": "cats_scratch.yaml",
    "signals": "signals/heartbeats.yaml", "columns": "signals/heartbeats_with_age.yaml", "table": "table/flowers.yaml",
    "voxels": "voxels/solids.yaml", "views": "views/solid_views.yaml", "dna": "dna/promoters.yaml",
    "sound": "sound/chords.yaml", "text": "text/docstrings.yaml",
}  # fmt: skip
PICTURES = ("frozen", "finetuned")  # that may be one's own
FORMATS = [format_of(name) for name in catalog.EXPORTERS if name != "web"]  # which holds the ONNX file
WANTED = [Wanted(each.name, precision) for each in FORMATS for precision in each.precisions]


def main() -> None:
    """Print a table for each kind."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(KINDS)}; all by default")
    parser.add_argument("--data", type=Path, help="a folder of pictures")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tlkit-export-bench-") as folder:
        for kind in given.kinds or KINDS:
            for line in told(kind, Path(folder), given.data if kind in PICTURES else None):
                print(line, flush=True)


def told(kind: str, desk: Path, data: Path | None) -> Iterator[str]:
    """What became of a kind's files, a line each."""
    recipe = load_recipe(ROOT / "recipes" / KINDS[kind])
    recipe = changed_recipe(recipe, {"data.path": str(data.absolute())}) if data else recipe
    result = tlkit.run(recipe, root=desk / kind / "mlruns", offline=True)
    bundle = desk / kind / "bundle"
    lacking = {each: why for each in WANTED if (why := lack(each))}
    wanted = [each for each in WANTED if each not in lacking]
    outcome = attempt(tlkit.load_model(result.model), bundle, wanted, splits=load_data(recipe))
    yield f"{kind} ({KINDS[kind]})"
    yield from (f"  {each.key:<20} {why}" for each, why in lacking.items())
    yield from (row(each) for each in outcome.good)
    yield from (f"  {each.replace(f'{bundle}/', '')}" for each in outcome.faults)
    yield from ratios({(each.format, each.precision): each for each in outcome.good})
    names = [each.format for each in outcome.good]
    for format in FORMATS:
        if format.name in names:
            file = "predict.py" if format.name == names[0] else f"predict_{format.name}.py"
            yield f"  {file} with {format.runtime} alone: {said(desk, format, bundle / file)}"


def lack(wanted: Wanted) -> str:
    """Which package a file needs that is not installed."""
    try:
        format_of(wanted.format).check(wanted.precision)
    except ModelError as error:
        return str(error)
    return ""


def row(each: Exported) -> str:
    """What the certificate says of a file."""
    page = each.certificate
    return (
        f"  {each.format + '/' + each.precision:<20} works: {page['score']} {page['before']:.4f} -> {page['after']:.4f}"
        f", {page.get('flips', 0)} of {page['examples']} flips, to float32 {page['largest_difference_to_float32']:.1e}"
        f", {page['bytes'] / 1e6:.1f} MB, {page['milliseconds']:.1f} ms, {page['per_second']:.0f} a second, "
        f"written in {page['export_seconds']:.1f} s"
    )


def ratios(found: dict[tuple[str, str], Exported]) -> Iterator[str]:
    """How much faster the files of int8 are than those of float32."""
    for format in FORMATS:
        pair = [found.get((format.name, precision)) for precision in ("float32", "int8")]
        if None not in pair:
            before, after = (each.certificate["per_second"] for each in pair)
            yield f"  {format.name}: int8 gives {after / before:.2f} times the throughput of float32"


def said(desk: Path, format: Format, script: Path) -> str:
    """The last line of a bundle's script where nothing is installed but what it says it needs."""
    home = desk / f"alone-{format.name}"
    python = home / "bin" / "python"
    if not home.exists():
        venv.create(home, with_pip=True)
        packages = ["numpy", "pillow", format.runtime]
        installed = subprocess.run([python, "-m", "pip", "install", "-q", *packages], capture_output=True, text=True)
        if installed.returncode:
            return f"not tried: pip said {installed.stderr.strip().splitlines()[-1]}"
    done = subprocess.run([python, "-I", script], capture_output=True, text=True)
    return f"exit {done.returncode}: {(done.stdout or done.stderr).strip().splitlines()[-1]}"


if __name__ == "__main__":
    try:
        main()
    except TlkitError as error:
        sys.exit(str(error))
