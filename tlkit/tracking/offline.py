"""What stands in a courier's place where nothing is sent now: the record waits in its folder."""

from __future__ import annotations

from pathlib import Path


class Keeper:
    """Keeps a record for another process to send; `quiet` where that goes without saying."""

    error: str | None = None
    known_id: str | None = None
    done = False

    def __init__(self, folder: Path, *, quiet: bool = False) -> None:
        self._folder = folder
        self.left: str | None = "" if quiet else "Offline."
        self.artifacts = None if quiet else str(folder / "artifacts")

    def run_id(self) -> str:
        """The journal's name, as the store has given no id yet."""
        return self._folder.name

    def wait(self) -> None:
        """There is nothing to wait for."""

    def take_warnings(self) -> list[str]:
        """There are none."""
        return []

    def close(self) -> None:
        """There is nothing to let go."""
