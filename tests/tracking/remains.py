"""What waits to be sent."""

from pathlib import Path


def leftovers(root=Path("mlruns")):
    """The names of the records that are still here."""
    return [each.name for each in (root / "pending").iterdir()]
