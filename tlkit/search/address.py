"""Where a chief listens."""

from __future__ import annotations

import re

from tlkit.search.search_journal import SearchError


def check_address(option: str, address: str) -> None:
    """Raise unless an address is HOST:PORT."""
    if not re.fullmatch(r"[\w.\-\[\]:]+:\d{1,5}", address):
        raise SearchError(f"{option} {address}: expected HOST:PORT, such as 127.0.0.1:7077")
