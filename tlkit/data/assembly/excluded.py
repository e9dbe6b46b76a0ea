"""Examples that cannot be used: how many are too many, and which come first."""

from __future__ import annotations

from itertools import islice

from tlkit.errors import DataError


def refuse_many_bad(bad: dict[str, str], count: int, share: float, where: str, what: str = "pictures") -> None:
    """Stop where more than this share cannot be used, the first of them by name with the reason."""
    if len(bad) > share * count:
        found = f"{len(bad)} of {count} {what} cannot be used"
        raise DataError(f"{where}: {found}, more than {share:.0%} (data.max_bad): {first_reasons(bad)}")


def first_reasons(bad: dict[str, str], most: int = 5) -> str:
    """The first examples by name, each with the reason that excludes it."""
    shown = "; ".join(f"{name}: {why}" for name, why in islice(bad.items(), most))
    return shown + (f" and {len(bad) - most:,} more" if len(bad) > most else "")
