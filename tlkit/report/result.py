"""What a run leaves: its id, scores, times and where things are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Result:
    """What a run leaves: its id, scores, times and where things are."""

    run_id: str
    recipe: str
    metrics: Mapping[str, float]
    seconds: Mapping[str, float]
    images_per_second: Mapping[str, float]
    model: Path | None
    report: Path | None
    engine: str
    precision: str
    set_aside: Mapping[str, str] = field(default_factory=dict)
    export_faults: Sequence[str] = ()

    def closing_line(self) -> str:
        """Which run it was, and how long it took."""
        return f"run       {self.run_id[:8]} in {self.seconds['total']:.1f} s"

    def _repr_html_(self) -> str:
        from tlkit.evaluation.metrics import Scores
        from tlkit.evaluation.notebook_views import scores_html, table_html

        test = {name.removeprefix("test/"): value for name, value in self.metrics.items() if name.startswith("test/")}
        facts = {"run": self.run_id, "model": self.model, "report": self.report, "engine": self.engine}
        facts |= {"precision": self.precision, "seconds": f"{self.seconds['total']:.1f}"}
        return table_html(self.recipe, ["", ""], list(facts.items())) + scores_html(Scores(test))

    def as_page(self) -> dict[str, object]:
        """All of the result as plain values, to be kept and made a result again by `of_page`."""
        paths = {name: str(path) for name in ("model", "report") if (path := getattr(self, name)) is not None}
        return {**vars(self), **paths}

    @classmethod
    def of_page(cls, page: Mapping[str, Any]) -> Result:
        """The result that a page was made of."""
        paths = {name: Path(page[name]) for name in ("model", "report") if page[name] is not None}
        return cls(**{**page, **paths})

    def as_json(self) -> dict[str, object]:
        """The result as plain values, for `--json`."""
        paths = {"model": str(self.model) if self.model else None, "report": str(self.report) if self.report else None}
        return {
            "run_id": self.run_id,
            "recipe": self.recipe,
            "metrics": dict(self.metrics),
            "seconds": {name: round(value, 3) for name, value in self.seconds.items()},
            "images_per_second": {name: round(value, 1) for name, value in self.images_per_second.items()},
            "engine": self.engine,
            "precision": self.precision,
            "set_aside": len(self.set_aside),
            **({"export_faults": list(self.export_faults)} if self.export_faults else {}),
            **paths,
        }
