"""Short names for the parts a recipe can ask for: name -> `module:function`, with the function's arguments.

Nothing is imported to answer what exists and which arguments it takes: signatures are read from the source text.
"""

from __future__ import annotations

import ast
import functools
import importlib
import importlib.abc
import importlib.util
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from tlkit.errors import NotFoundError, nearest
from tlkit.own_files import HUB_PREFIX as HUB_PREFIX
from tlkit.own_files import function_in, own_file, own_preset
from tlkit.plugins import Plugin, plugins
from tlkit.source_text import Argument, keywords, literals, module_file


class Line(Protocol):
    """What a table says of a name: where its function lives."""

    @property
    def target(self) -> str: ...


Found = TypeVar("Found", bound=Line)


_Named = ast.FunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Entry:
    """One catalog line: where the function lives and one line on when to use it.

    Backbones also say the pixels they were made for and how they want them scaled, their top-1 accuracy on ImageNet as
    published in %, and the licence of their weights. A part of another package says which one that is, and what is
    wrong with it where it cannot be used.
    """

    target: str
    summary: str
    size: int | None = None
    scaling: str = "centred"
    accuracy: float | None = None
    licence: str = ""
    origin: str = "tlkit"
    fault: str = ""


class Table(Mapping[str, Entry]):
    """Our own parts of one sort, and behind them those that other packages bring (entry points `tlkit.<sort>`)."""

    def __init__(self, sort: str, own: Mapping[str, Entry]) -> None:
        self._sort, self._own = sort, own

    def __getitem__(self, name: str) -> Entry:
        return self._own[name] if name in self._own else self._others[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._own, **self._others})

    def __len__(self) -> int:
        return len(list(iter(self)))

    @functools.cached_property
    def _others(self) -> Mapping[str, Entry]:
        found = plugins(f"tlkit.{self._sort}")
        return {name: _brought(name, each) for name, each in found.items() if name not in self._own}


NETS = Table(
    "nets",
    {
        "cnn": Entry("tlkit.nets.cnn:cnn", "plain stack of convolutions and pooling; every size is a recipe field"),
        "lenet5": Entry(
            "tlkit.nets.lenet5:lenet5", "the classic for digits and other small pictures, 62,006 parameters"
        ),
        "alexnet": Entry("tlkit.nets.alexnet:alexnet", "five convolutions for photographs; groups=2 as in the paper"),
        "vgg16": Entry("tlkit.nets.vgg:vgg16", "13 small convolutions, 138 M parameters with its head"),
        "vgg19": Entry("tlkit.nets.vgg:vgg19", "16 small convolutions, 144 M parameters with its head"),
        "resnet18": Entry("tlkit.nets.resnet:resnet18", "photographs, 11.7 M parameters; shortcut=False: plain twin"),
        "resnet34": Entry("tlkit.nets.resnet:resnet34", "photographs, 21.8 M parameters; shortcut=False: plain twin"),
        "resnet50": Entry("tlkit.nets.resnet:resnet50", "photographs, 25.6 M parameters; shortcut=False: plain twin"),
        "resnet20": Entry("tlkit.nets.resnet_small:resnet20", "32 x 32 pictures, 0.27 M parameters; try it first"),
        "resnet56": Entry("tlkit.nets.resnet_small:resnet56", "32 x 32 pictures, 0.85 M parameters; compare its twin"),
        "resnet110": Entry("tlkit.nets.resnet_small:resnet110", "32 x 32 pictures, 1.7 M parameters; slow on a CPU"),
        "inception": Entry(
            "tlkit.nets.inception:inception", "GoogLeNet: several window sizes at once, 7.0 M parameters"
        ),
        "mobilenet": Entry("tlkit.nets.mobilenet:mobilenet", "depthwise separable and fast, 4.2 M parameters"),
        "nin": Entry("tlkit.nets.nin:nin", "network in network: 1 x 1 convolutions after each convolution"),
        "mlp": Entry("tlkit.nets.mlp:mlp", "dense layers only; the baseline that knows no neighbourhoods"),
        "local": Entry("tlkit.nets.local:local", "windows without shared weights, for aligned pictures or signals"),
        "cnn1d": Entry("tlkit.nets.cnn1d:cnn1d", "plain stack for signals, DNA, text and sound"),
        "resnet1d": Entry("tlkit.nets.resnet1d:resnet1d", "residual net for signals; the first to try there"),
        "inception1d": Entry("tlkit.nets.inception1d:inception1d", "long and short windows side by side, for signals"),
        "rocket": Entry(
            "tlkit.nets.rocket:rocket", "random filters for signals, a linear answer: strong on few examples"
        ),
        "multiview": Entry("tlkit.nets.multiview:multiview", "several views of an object through one shared backbone"),
        "voxnet": Entry("tlkit.nets.voxnet:voxnet", "3-D convolutions over voxels"),
        "filter-bank": Entry("tlkit.nets.filter_bank_net:filter_bank", "hand-made texture filters, no learned weights"),
    },
)

_APACHE = "Apache-2.0"
_LITE = "tlkit.pretrained.efficientnet_lite:efficientnet_lite"

# name in keras.applications, pixels, scaling, weights in millions, accuracy on ImageNet, licence of the weights
_APPLICATIONS = (
    ("ConvNeXtTiny", 224, "none", 28.6, 81.3, "MIT"),
    ("ConvNeXtSmall", 224, "none", 50.2, 82.3, "MIT"),
    ("ConvNeXtBase", 224, "none", 88.5, 85.3, "MIT"),
    ("ConvNeXtLarge", 224, "none", 197.7, 86.3, "MIT"),
    ("ConvNeXtXLarge", 224, "none", 350.1, 86.7, "MIT"),
    ("DenseNet121", 224, "torch", 8.1, 75.0, "BSD-3-Clause"),
    ("DenseNet169", 224, "torch", 14.3, 76.2, "BSD-3-Clause"),
    ("DenseNet201", 224, "torch", 20.2, 77.3, "BSD-3-Clause"),
    ("EfficientNetB0", 224, "none", 5.3, 77.1, "Apache-2.0"),
    ("EfficientNetB1", 240, "none", 7.9, 79.1, "Apache-2.0"),
    ("EfficientNetB2", 260, "none", 9.2, 80.1, "Apache-2.0"),
    ("EfficientNetB3", 300, "none", 12.3, 81.6, "Apache-2.0"),
    ("EfficientNetB4", 380, "none", 19.5, 82.9, "Apache-2.0"),
    ("EfficientNetB5", 456, "none", 30.6, 83.6, "Apache-2.0"),
    ("EfficientNetB6", 528, "none", 43.3, 84.0, "Apache-2.0"),
    ("EfficientNetB7", 600, "none", 66.7, 84.3, "Apache-2.0"),
    ("EfficientNetV2B0", 224, "none", 7.2, 78.7, "Apache-2.0"),
    ("EfficientNetV2B1", 240, "none", 8.2, 79.8, "Apache-2.0"),
    ("EfficientNetV2B2", 260, "none", 10.2, 80.5, "Apache-2.0"),
    ("EfficientNetV2B3", 300, "none", 14.5, 82.0, "Apache-2.0"),
    ("EfficientNetV2S", 384, "none", 21.6, 83.9, "Apache-2.0"),
    ("EfficientNetV2M", 480, "none", 54.4, 85.3, "Apache-2.0"),
    ("EfficientNetV2L", 480, "none", 119.0, 85.7, "Apache-2.0"),
    ("InceptionResNetV2", 299, "centred", 55.9, 80.3, "Apache-2.0"),
    ("InceptionV3", 299, "centred", 23.9, 77.9, "Apache-2.0"),
    ("MobileNet", 224, "centred", 4.3, 70.4, "Apache-2.0"),
    ("MobileNetV2", 224, "centred", 3.5, 71.3, "Apache-2.0"),
    ("MobileNetV3Small", 224, "none", 2.9, 68.1, "Apache-2.0"),
    ("MobileNetV3Large", 224, "none", 5.4, 75.6, "Apache-2.0"),
    ("NASNetMobile", 224, "centred", 5.3, 74.4, "Apache-2.0"),
    ("NASNetLarge", 331, "centred", 88.9, 82.5, "Apache-2.0"),
    ("ResNet50", 224, "caffe", 25.6, 74.9, "MIT"),
    ("ResNet101", 224, "caffe", 44.7, 76.4, "MIT"),
    ("ResNet152", 224, "caffe", 60.4, 76.6, "MIT"),
    ("ResNet50V2", 224, "centred", 25.6, 76.0, "Apache-2.0"),
    ("ResNet101V2", 224, "centred", 44.7, 77.2, "Apache-2.0"),
    ("ResNet152V2", 224, "centred", 60.4, 78.0, "Apache-2.0"),
    ("VGG16", 224, "caffe", 138.4, 71.3, "CC BY 4.0"),
    ("VGG19", 224, "caffe", 143.7, 71.3, "CC BY 4.0"),
    ("Xception", 299, "centred", 22.9, 79.0, "MIT"),
)

BACKBONES = Table(
    "backbones",
    {
        "efficientnet-lite0": Entry(_LITE + "0", "4.7 M weights, from pip; the default", 224, "lite", 75.1, _APACHE),
        "efficientnet-lite1": Entry(
            _LITE + "1", "5.4 M weights, from pip (extra: weights)", 240, "lite", 76.7, _APACHE
        ),
        "efficientnet-lite2": Entry(
            _LITE + "2", "6.1 M weights, from pip (extra: weights)", 260, "lite", 77.6, _APACHE
        ),
    }
    | {
        name: Entry(f"keras.applications:{name}", f"{weights} M weights, from Keras", size, scaling, accuracy, licence)
        for name, size, scaling, weights, accuracy, licence in _APPLICATIONS
    },
)

SOURCES = Table(
    "sources",
    {
        "image_folder": Entry(
            "tlkit.kinds.image.image_folder:image_folder", "one folder a class, or train/val/test folders"
        ),
        "idx": Entry("tlkit.kinds.image.idx:idx", "MNIST's file format, plain or gzipped, its own test part kept"),
        "signals": Entry(
            "tlkit.kinds.signal.signals:signals", "signals over time: rows of CSV, .npy, .npz, folders of WAV"
        ),
        "sounds": Entry(
            "tlkit.kinds.signal.sounds:sounds", "class folders of WAV, as mel spectrograms made in the model"
        ),
        "table": Entry("tlkit.kinds.table.table:table", "columns of numbers from CSV, TSV, Parquet or a DataFrame"),
        "picture_table": Entry(
            "tlkit.kinds.image.picture_tables:picture_table", "CSV or Parquet with pictures and labels"
        ),
        "dna": Entry("tlkit.kinds.dna.dna:dna", "DNA sequences from tables or FASTA files"),
        "text": Entry("tlkit.kinds.text.text:text", "texts from a table or a folder of text files for each class"),
        "views": Entry(
            "tlkit.kinds.views.view_folders:views", "several pictures of each object, by folder or by file name"
        ),
        "voxels": Entry("tlkit.kinds.voxels.voxels:voxels", "solids as grids (.npz, .npy) or as OFF meshes"),
    },
)

# how `Splits` are made of what is in memory, and of a folder
CONSTRUCTORS: Mapping[str, Entry] = {
    "from_arrays": Entry("tlkit.kinds.memory.arrays:from_arrays", "NumPy arrays"),
    "from_frame": Entry("tlkit.kinds.image.picture_tables:picture_table", "a DataFrame of paths and labels"),
    "from_folder": Entry("tlkit.kinds.image.image_folder:image_folder", "a folder of pictures"),
    "from_dataset": Entry("tlkit.kinds.memory.datasets:from_dataset", "a tf.data.Dataset"),
}

# how `Splits` show themselves in a notebook
VIEWS: Mapping[str, Entry] = {
    "html": Entry("tlkit.kinds.splits_views:splits_html", "counts by part and class"),
    "show": Entry("tlkit.kinds.splits_views:show", "some examples as pictures"),
}

# kind of data -> a `tlkit.kinds.kind.Kind`
KINDS = Table(
    "kinds",
    {
        "image": Entry("tlkit.kinds.image.image_kind:IMAGE", "pictures"),
        "signal": Entry("tlkit.kinds.signal.signal_kind:SIGNAL", "signals over time"),
        "sound": Entry("tlkit.kinds.signal.sound_kind:SOUND", "sounds"),
        "table": Entry("tlkit.kinds.table.table_kind:TABLE", "rows of a table"),
        "dna": Entry("tlkit.kinds.dna.dna_kind:DNA", "DNA sequences"),
        "text": Entry("tlkit.kinds.text.text_kind:TEXT", "texts"),
        "views": Entry("tlkit.kinds.views.views_kind:VIEWS", "several pictures of one object"),
        "voxels": Entry("tlkit.kinds.voxels.voxels_kind:VOXELS", "solids as grids or meshes"),
        "array": Entry("tlkit.kinds.memory.array_kind:ARRAY", "arrays from Python, of any meaning"),
    },
)

TASKS = Table(
    "tasks",
    {
        "label": Entry("tlkit.tasks.single_label.single_label:SingleLabel", "one class an example"),
        "labels": Entry("tlkit.tasks.multi_label.multi_label:MultiLabel", "any number of labels an example"),
        "number": Entry("tlkit.tasks.regression.regression:Regression", "a number an example, or several"),
    },
)

EXPORTERS = Table(
    "exporters",
    {
        "onnx": Entry("tlkit.exporting.onnx_format:Onnx", "ONNX, a file for ONNX Runtime (extra: export)"),
        "openvino": Entry(
            "tlkit.exporting.openvino_format:OpenVino", "OpenVINO, fastest on Intel's and AMD's processors"
        ),
        "litert": Entry("tlkit.exporting.litert_format:LiteRt", "LiteRT (TensorFlow Lite), for phones (extra: export)"),
        "savedmodel": Entry("tlkit.exporting.savedmodel:SavedModel", "TensorFlow's SavedModel, a folder"),
        "torch": Entry("tlkit.exporting.torch_format:Torch", "PyTorch's exported program, a file (extra: torch)"),
        "web": Entry("tlkit.exporting.web_format:Web", "a page that answers in the browser (extra: export)"),
    },
)

SAMPLES: Mapping[str, Entry] = {
    "cats": Entry("tlkit.samples.cats_and_dogs:draw", "drawn cats and dogs"),
    "chords": Entry("tlkit.samples.chords:draw", "notes and chords as WAV sound"),
    "flowers": Entry("tlkit.samples.flowers:draw", "flowers as a table of measures"),
    "heartbeats": Entry("tlkit.samples.heartbeats:draw", "heartbeats with four rhythms"),
    "pulses": Entry("tlkit.samples.pulses:draw", "heartbeats with age and sex, slow or quick for the age"),
    "x-and-o": Entry("tlkit.samples.x_and_o:draw_letters", "X's and O's on a 9 x 9 grid"),
    "digits": Entry("tlkit.samples.digits:write_digits", "scikit-learn's handwritten digits, 8 x 8"),
    "textures": Entry("tlkit.samples.textures:draw_textures", "woven, dotted and striped cloth"),
    "promoters": Entry("tlkit.samples.promoters:draw", "DNA with planted promoters, mutated, and with decoys"),
    "docstrings": Entry("tlkit.samples.docstrings:draw", "docstrings of installed libraries: which one wrote it?"),
    "solids": Entry("tlkit.samples.solids:draw_voxels", "solids of seven shapes as voxels"),
    "solid_views": Entry("tlkit.samples.solids:draw_views", "the same solids as pictures from twelve sides"),
}


def resolve(name: str, entries: Mapping[str, Line], *, kind: str, folder: Path | None = None) -> Any:
    """What a short name of the table stands for, or the `file.py:function` in `folder`, a recipe's own.

    Nothing else is ever called: with no folder, the table alone counts.

    Example:
        >>> resolve("cnn", NETS, kind="net").__name__
        'cnn'
    """
    line = entry(name, entries)
    if line is None:
        return function_in(*_own(name, entries, kind=kind, folder=folder))
    try:
        return loaded(line.target)
    except Exception as error:
        if not isinstance(line, Entry) or line.origin == "tlkit":
            raise
        raise NotFoundError(f"{kind} '{name}' of {line.origin}: {type(error).__name__}: {error}") from error


def loaded(target: str) -> Any:
    """What a `module:name` of a table stands for.

    Example:
        >>> loaded("tlkit.nets.cnn:cnn").__name__
        'cnn'
    """
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)


def each_of(entries: Mapping[str, Line], *, kind: str) -> Iterator[tuple[str, Any]]:
    """Everything behind the names of a table, less what other packages bring and cannot be used."""
    for name in entries:
        try:
            yield name, resolve(name, entries, kind=kind)
        except NotFoundError:
            continue


def arguments(
    name: str, entries: Mapping[str, Line], *, kind: str, folder: Path | None = None
) -> dict[str, Any] | None:
    """Keyword arguments and defaults of the function behind a name, read from its source; None if it takes any."""
    found = signature(name, entries, kind=kind, folder=folder)
    return None if found is None else {key: argument.default for key, argument in found.items()}


def signature(
    name: str, entries: Mapping[str, Line], *, kind: str, folder: Path | None = None
) -> dict[str, Argument] | None:
    """The keyword arguments of the function behind a name with their annotations; None if it takes any."""
    if name.startswith(HUB_PREFIX):
        own_preset(name, folder or Path())
        return {}
    line = entry(name, entries)
    if line is None:
        path, function = _own(name, entries, kind=kind, folder=folder)
        return keywords(path, function, path.stat().st_mtime_ns)
    module, _, function = line.target.partition(":")
    if module == "keras.applications":
        return {}
    path = module_file(module)
    return keywords(path, function, path.stat().st_mtime_ns)


def paper_head(name: str) -> dict[str, Any]:
    """Head, number of classes and input of a net's paper, from the literal HEADS in its file; nothing is imported.

    Example:
        >>> paper_head("lenet5")["units"]
        (120, 84)
    """
    line = entry(name, NETS)
    if line is None:
        raise NotFoundError(f"unknown net '{name}'. {_known(name, NETS, 'net', own=False)}")
    module = line.target.partition(":")[0]
    known = next(key for key in NETS if key.lower() == name.lower())
    heads = literals(ast.parse(module_file(module).read_text(encoding="utf-8"))).get("HEADS", {})
    if known in heads:
        return dict(heads[known])
    raise NotFoundError(f"net '{name}': {module} has no HEADS that name its paper's head")


def entry(name: str, entries: Mapping[str, Found]) -> Found | None:
    """The table's line of a name, whatever its case where that is clear; None for a function of one's own."""
    if not name or name in entries:
        return entries.get(name)
    return {each.lower(): line for each, line in reversed(list(entries.items()))}.get(name.lower())


def _brought(name: str, part: Plugin) -> Entry:
    """Another package's part as a line, read from its source: what its docstring begins with, or its fault."""
    module, _, target = part.target.partition(":")
    try:
        tree = ast.parse(module_file(module).read_text(encoding="utf-8"))
    except (NotFoundError, OSError, ValueError, SyntaxError) as error:
        return Entry(part.target, "", origin=part.origin, fault=f"{module}: {error}")
    said = next((ast.get_docstring(each) for each in tree.body if isinstance(each, _Named) and each.name == target), "")
    summary = (said or ast.get_docstring(tree) or "").partition("\n")[0]
    about = literals(tree).get("BACKBONES", {}).get(name, {})
    size, scaling = about.get("size"), about.get("scaling", "centred")
    return Entry(part.target, summary, size, scaling, about.get("accuracy"), about.get("licence", ""), part.origin)


def _own(name: str, entries: Mapping[str, Line], *, kind: str, folder: Path | None) -> tuple[Path, str]:
    """File and function of a name that is not in the table."""
    path = own_file(name, folder) if folder is not None else None
    if path is None:
        raise NotFoundError(f"unknown {kind} '{name}'. {_known(name, entries, kind, own=folder is not None)}")
    file, _, function = name.rpartition(":")
    if not os.path.isfile(path):  # also where a name is longer than the system allows
        raise NotFoundError(f"{path}: no such file; a '{file}:function' is looked for beside the recipe")
    return path, function


def _known(name: str, entries: Mapping[str, Line], kind: str, *, own: bool) -> str:
    if hint := nearest(name, entries):
        return hint
    if own and ":" in name:
        return f"Put a {kind} of your own into a Python file beside the recipe and say file.py:function"
    return f"Known: {', '.join(entries)}."
