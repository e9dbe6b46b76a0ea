"""Recorded runs side by side: what differs, how they score, and whether the difference is more than chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from tlkit.commands.shell.listing import Listing
from tlkit.data.tables.safe_csv import write_frame
from tlkit.errors import NotFoundError, TrackingError, writing
from tlkit.evaluation.intervals import sign_test
from tlkit.tracking import lookup
from tlkit.tracking.lookup import Run

_MEASURES = {"test/accuracy": False, "test/subset_accuracy": False, "test/mae": True}  # whether less is better
_ASIDE = ("track.", "description", "tune.")
_LEVEL = 0.05
_MOST = 60


@dataclass(frozen=True)
class Comparison:
    """Runs best first, and a table of how they score and one of what differs."""

    runs: list[Run]
    measure: str
    scores: pd.DataFrame
    differences: pd.DataFrame


def compare_runs(
    names: Sequence[str] = (), *, experiment: str | None = None, root: Path = Path("mlruns")
) -> Comparison:
    """The named runs, all of an experiment, or all of the latest run's experiment.

    Example:
        >>> compare_runs(["1a2b", "3c4d"]).scores  # doctest: +SKIP
    """
    runs = _chosen(names, experiment, root)
    measure = _measure(runs)
    runs = sorted((run for run in runs if measure in run.metrics), key=lambda run: _rank(run, measure))
    tables = [_predictions(run, root) for run in runs]
    rows = [_row(run, measure, _against(tables[0], table)) for run, table in zip(runs, tables, strict=True)]
    titles = [_title(run) for run in runs]
    return Comparison(runs, measure, pd.DataFrame(rows, index=titles), _differences(runs, titles))


def listings(found: Comparison) -> Iterator[Listing]:
    """The comparison as tables: how the runs score, and what differs."""
    note = "p: chance that luck alone parts a run so far from the best (McNemar's test on the test examples they share)"
    last = len(found.differences) == 0
    yield _listing(found.scores, "run", [note] if last else [])
    if not last:
        short = found.differences.map(lambda text: text if len(text) <= 30 else text[:29] + "…")
        yield _listing(short, "setting", [note])


def _listing(table: pd.DataFrame, first: str, notes: Sequence[str]) -> Listing:
    cells = [(str(name), *row) for name, row in zip(table.index, table.to_numpy().tolist(), strict=True)]
    return Listing((first, *table.columns), cells, None, ["", *notes] if notes else [""])


def values(found: Comparison) -> Mapping[str, object]:
    """The comparison as plain values, for `--json`."""
    rows = zip(found.runs, found.scores.to_dict("records"), strict=True)
    names = [run.id for run in found.runs]
    settings = zip(found.differences.index, found.differences.to_numpy().tolist(), strict=True)
    return {
        "measure": found.measure,
        "runs": [_values(run, found.measure, row) for run, row in rows],
        "differences": {str(name): dict(zip(names, row, strict=True)) for name, row in settings},
    }


def _values(run: Run, measure: str, row: Mapping[Any, str]) -> Mapping[str, object]:
    numbers = {"score": measure, "low": f"{measure}_low", "high": f"{measure}_high",
               "seconds": "seconds/total", "joules": "energy/joules"}  # fmt: skip
    return {
        "run_id": run.id, "name": run.name, "started": run.started.isoformat(timespec="seconds"),
        **{name: run.metrics.get(metric) for name, metric in numbers.items()},
        "p": float(row["p"]) if row["p"] else None, "shared": int(row["shared"]) if row["shared"] else None,
        "verdict": row["verdict"],
    }  # fmt: skip


def write_html(found: Comparison, path: Path, *, root: Path = Path("mlruns")) -> None:
    """The comparison as a page with overlaid curves."""
    from tlkit.evaluation.comparison import write_comparison

    second = "val/" + found.measure.removeprefix("test/")
    curves = {
        metric: {_title(run): history for run in found.runs if (history := lookup.metric_history(run, metric, root))}
        for metric in ("val/loss", second)
    }
    experiments = ", ".join(dict.fromkeys(run.experiment for run in found.runs))
    with writing(path, NotFoundError):
        write_comparison(
            path, title=f"{experiments}: {len(found.runs)} runs", scores=found.scores, differences=found.differences,
            curves=curves,
        )  # fmt: skip


def write_csv(found: Comparison, path: Path) -> None:
    """Scores and differences as one table, a row a run."""
    with writing(path, NotFoundError):
        write_frame(found.scores.join(found.differences.T), path, index_label="run")


def _chosen(names: Sequence[str], experiment: str | None, root: Path) -> list[Run]:
    if names:
        found = [lookup.find(name, root) for name in names]
        return list({run.id: run for run in found}.values())
    experiment = experiment or lookup.find("latest", root).experiment
    found = lookup.in_experiment(experiment, root)[:_MOST]
    if not found:
        raise NotFoundError(f"experiment '{experiment}': no finished run. `tlkit list runs` shows what there is")
    return found


def _measure(runs: Sequence[Run]) -> str:
    """The score that most of the runs have."""
    counts = {name: sum(name in run.metrics for run in runs) for name in _MEASURES}
    best = max(counts, key=lambda name: counts[name])
    if not counts[best]:
        raise NotFoundError(f"expected runs with a test score, found none in {', '.join(run.id[:8] for run in runs)}")
    return best


def _rank(run: Run, measure: str) -> float:
    value = run.metrics[measure]
    return value if _MEASURES[measure] else -value


def _title(run: Run) -> str:
    return f"{run.id[:8]} {run.name if len(run.name) <= 40 else run.name[:39] + '…'}"


def _predictions(run: Run, root: Path) -> pd.Series | None:
    """How wrong the run was on each test example, by the example's id; None where it left no table."""
    try:
        table = pd.read_csv(lookup.fetch(run, "predictions.csv", root))
    except (NotFoundError, TrackingError):
        return None
    wrong = table["error"].abs() if "error" in table else 1.0 - table["correct"].astype(float)
    return pd.Series(wrong.to_numpy(), index=table["id"].astype(str)).groupby(level=0).first()


def _against(best: pd.Series | None, other: pd.Series | None) -> tuple[float, int] | None:
    """The p-value against the best run, and the number of examples that both were tested on."""
    if best is None or other is None:
        return None
    both = pd.concat([best, other], axis=1, join="inner").to_numpy()
    if not len(both):
        return None
    return sign_test(int((both[:, 0] < both[:, 1]).sum()), int((both[:, 0] > both[:, 1]).sum())), len(both)


def _row(run: Run, measure: str, against: tuple[float, int] | None) -> dict[str, str]:
    ends = [run.metrics.get(f"{measure}_{end}") for end in ("low", "high")]
    return {
        measure: f"{run.metrics[measure]:.4g}",
        "95% interval": " to ".join(f"{each:.3g}" for each in ends if each is not None),
        "p": "" if against is None else f"{against[0]:.3g}",
        "shared": "" if against is None else str(against[1]),
        "verdict": _verdict(against),
        "seconds": f"{run.metrics['seconds/total']:.1f}" if "seconds/total" in run.metrics else "",
        "joules": f"{run.metrics['energy/joules']:.0f}" if "energy/joules" in run.metrics else "",
        "when": f"{run.started:%Y-%m-%d %H:%M}",
    }


def _verdict(against: tuple[float, int] | None) -> str:
    if against is None:
        return "other test examples"
    return "worse" if against[0] < _LEVEL else "may be chance" if against[0] < 1 else "as good"


def _differences(runs: Sequence[Run], titles: Sequence[str]) -> pd.DataFrame:
    """Settings by run, where they are not the same in all."""
    names = dict.fromkeys(name for run in runs for name in run.params if not name.startswith(_ASIDE))
    rows = {name: [run.params.get(name, "") for run in runs] for name in sorted(names)}
    rows |= {"data": [run.tags.get("data.digest", "")[:8] for run in runs]}
    return pd.DataFrame(
        {name: values for name, values in rows.items() if len(set(values)) > 1}, index=list(titles)
    ).T.astype(str)
