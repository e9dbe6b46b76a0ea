"""Solids as voxels: grids in .npz and .npy files, and OFF meshes turned into grids."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from tlkit.data.assembly.class_folders import PART_NAMES, folders_in, list_files, part_folders
from tlkit.data.assembly.gathering import Gathered, Labelled, content_id, files_in, split, to_score
from tlkit.data.files.array_files import read_arrays
from tlkit.data.splits import Info, Splits
from tlkit.errors import DataError
from tlkit.kinds.kind import Inputs, Scored
from tlkit.kinds.voxels.solid_files import SUFFIXES, occupancy_grid, of_shape, read_solid, times
from tlkit.model.metadata import Metadata
from tlkit.tasks.task import require_task

_PARTS = ("train", "val", "test")
_SIZE = 32


def voxels(
    path: str | Path,
    *,
    seed: int = 7,
    val: float = 0.15,
    test: float = 0.15,
    size: int | None = None,
    fill: bool = False,
    label: str | None = None,
    group: str | None = None,
    group_folder: int | None = None,
    duplicates: str = "keep",
    near_copies: str = "together",
    task: str = "label",
    max_bad: float = 0.05,
    on_file: Callable[[int], None] | None = None,
) -> Splits:
    """Splits of grids of 0 and 1, as inputs (x, y, z, 1) with z upright.

    A file .npz holds X_train and y_train, and X_val, X_test with theirs where parts are given, or X and y;
    class_names is optional. A folder holds one folder a class of .npy grids or .off meshes, below or above folders
    train, val and test where parts are given. Grids keep their size, which all must share; meshes are made `size`
    cells long (32), their surface or, with `fill`, their body. Fractions count as full from 0.5 on.

    Args:
        label: a pattern that finds the class in file names, where folders do not tell it.
        group: a pattern in file names, of a .npz file the name of an array: equal ones stay in one part.
        group_folder: a level of folders below the class (class = 1) that stays in one part.
        duplicates: "drop" leaves one of equal grids, and none where their classes differ.
        near_copies: "together" keeps near-copies in one part; "apart" does not look.

    Example:
        >>> voxels("data/modelnet10/modelnet10.npz", duplicates="drop").info.input_shape  # doctest: +SKIP
        (30, 30, 30, 1)
    """
    path = Path(path)
    require_task(task, ["label"], where=path, what="solids come with one label each")
    file = _archive(path)
    found = _from_archive(file) if file else _from_folder(path, int(size or _SIZE), fill, label, on_file)
    found.refuse_bad(max_bad, str(path))
    _set_odd_sizes_aside(found)
    reading = {"fill": fill} | ({"label": label} if label else {})
    info = Info(
        "label", found.rows[0].item.shape, "uint8", "voxels", preparation={"name": "occupancy"}, reading=reading
    )
    return split(
        found, lambda rows: info, where=str(path), seed=seed, val=val, test=test, max_bad=max_bad,
        duplicates=duplicates, near_copies=near_copies, group=group, group_folder=group_folder,
    )  # fmt: skip


def inputs_at(path: Path, metadata: Metadata) -> Inputs:
    """Every grid (.npy) or mesh (.off) in a file or folder, or the grids of a .npz file."""
    files, shape = files_in(path, SUFFIXES) if path.is_dir() else [path], tuple(metadata["input_shape"])
    if path.suffix.lower() == ".npz" or (path.is_dir() and not files and _archive(path)):
        yield from _grids_in(_archive(path) or path, shape)
        return
    if not files:
        raise DataError(f"{path}: no grids (.npy, .npz) or meshes (.off) in this folder")
    for file in files:
        yield str(file), functools.partial(_checked, file, shape, metadata["reading"]["fill"])


def _grids_in(file: Path, shape: tuple[int, ...]) -> Inputs:
    arrays = {name: grids for name, grids in read_arrays(file).items() if name == "X" or name.startswith("X_")}
    if not arrays:
        raise DataError(f"{file}: expected grids in an array X, X_train, X_val or X_test, found none")
    for name, grids in arrays.items():
        for index, grid in enumerate(np.atleast_1d(grids)):
            where = f"{file}: {name}[{index}]"
            yield where, functools.partial(_grid, grid, shape, where)


def _grid(values: np.ndarray, shape: tuple[int, ...], where: str) -> np.ndarray:
    try:
        return of_shape(occupancy_grid(values), shape, where)
    except DataError as error:
        said = str(error)
        raise DataError(said if said.startswith(where) else f"{where}: {said}") from error


def labelled_voxels(path: Path, metadata: Metadata) -> Scored:
    """Every labelled solid of the size that a model with this metadata takes, and what was set aside."""
    shape, reading = tuple(metadata["input_shape"]), metadata["reading"]
    file = _archive(path)
    found = _from_archive(file) if file else _from_folder(path, shape[0], reading["fill"], reading.get("label"), None)
    _set_odd_sizes_aside(found, shape)
    return to_score(found)


def input_of(example: Any, metadata: Metadata) -> np.ndarray:
    """The input for a grid in memory, or for the path of one."""
    shape = tuple(metadata["input_shape"])
    if isinstance(example, str | Path):
        return _checked(Path(example), shape, metadata["reading"]["fill"])
    return of_shape(occupancy_grid(np.asarray(example)), shape, "voxels")


def _checked(file: Path, shape: tuple[int, ...], fill: bool) -> np.ndarray:
    return of_shape(read_solid(file, shape[0], fill), shape, str(file))


def _archive(path: Path) -> Path | None:
    """The .npz file meant: the path itself, or the one in the folder."""
    if path.is_dir():
        inside = files_in(path, {".npz"})
        if len(inside) > 1:
            raise DataError(f"{path}: expected one .npz file, found {', '.join(each.name for each in inside)}")
        return inside[0] if inside else None
    if path.suffix.lower() != ".npz":
        what = "another file" if path.is_file() else "nothing there"
        raise DataError(f"{path}: expected an .npz file or a folder of grids or meshes, found {what}")
    return path


def _from_archive(file: Path) -> Gathered:
    arrays = read_arrays(file)
    pairs: dict[str | None, str] = {part: f"_{part}" for part in _PARTS if f"X_{part}" in arrays} or {None: ""}
    found = Gathered()
    for part, ending in pairs.items():
        if f"X{ending}" not in arrays or f"y{ending}" not in arrays:
            raise DataError(f"{file}: expected the arrays X{ending} and y{ending}, found {', '.join(arrays) or 'none'}")
        grids, labels = np.atleast_1d(arrays.pop(f"X{ending}")), arrays[f"y{ending}"].reshape(-1)
        if len(grids) != len(labels):
            raise DataError(f"{file}: X{ending} has {len(grids)} grids, y{ending} {len(labels)} labels")
        names = [str(each) for each in np.atleast_1d(arrays.get("class_names", []))]
        for index, (grid, label) in enumerate(zip(grids, labels, strict=True)):
            _add(found, grid, _label(label, names), f"{file}: X{ending}[{index}]", part)
    return found


def _label(value: Any, names: list[str]) -> str:
    return names[int(value)] if names and value.dtype.kind in "iu" and 0 <= value < len(names) else str(value)


def _add(found: Gathered, values: np.ndarray, label: str, name: str, part: str | None) -> None:
    try:
        grid = occupancy_grid(values)
    except DataError as error:
        found.bad[name] = str(error)
    else:
        found.rows.append(Labelled(grid, label, name, content_id(grid.tobytes(), str(grid.shape).encode()), part))


def _from_folder(
    path: Path, size: int, fill: bool, pattern: str | None, on_file: Callable[[int], None] | None
) -> Gathered:
    if pattern is not None:
        named = list_files(path, SUFFIXES, "grids (.npy) or meshes (.off)", pattern)
        files = [(each.path, str(each.label), each.part) for each in named]
    else:
        files = [each for folder, part in part_folders(path) for each in _listed(folder, part)]
    found = Gathered()
    with ThreadPoolExecutor() as pool:
        for index, grid in enumerate(pool.map(lambda each: _tried(each[0], size, fill), files)):
            file, label, part = files[index]
            if isinstance(grid, str):
                found.bad[str(file)] = grid
            else:
                _add(found, grid, label, str(file), part)
            if on_file:
                on_file(index + 1)
    return found


def _tried(file: Path, size: int, fill: bool) -> np.ndarray | str:
    try:
        return read_solid(file, size, fill)
    except DataError as error:
        return str(error).removeprefix(str(file)).lstrip(": ")


def _listed(path: Path, part: str | None) -> Iterator[tuple[Path, str, str | None]]:
    """(file, class, part) below class folders; parts may also be folders in each class's, as in ModelNet."""
    for home in folders_in(path):
        inside = {each: PART_NAMES.get(each.name.lower()) for each in folders_in(home)}
        given = inside if inside and all(inside.values()) else {home: part}
        files = [(file, home.name, own) for folder, own in given.items() for file in files_in(folder, SUFFIXES)]
        if not files:
            raise DataError(f"{home}: expected grids (.npy) or meshes (.off) of the class '{home.name}', found none")
        yield from files


def _set_odd_sizes_aside(found: Gathered, usual: tuple[int, ...] | None = None) -> None:
    """Grids of another size than the usual one, by default that of most, are no examples."""
    if usual is None:
        usual, _ = Counter(each.item.shape for each in found.rows).most_common(1)[0]
    odd = [each for each in found.rows if each.item.shape != usual]
    found.bad |= {each.name: f"a grid of {times(each.item.shape)}, expected {times(usual)}" for each in odd}
    found.rows = [each for each in found.rows if each.item.shape == usual]
