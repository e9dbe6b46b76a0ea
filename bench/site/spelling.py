"""Slips of spelling, and American spelling, in what people read: pages, docstrings and messages.

    python bench/site/spelling.py

Uses codespell with its list of slips and the one beside this file. Code in pages is passed over; what remains and is
right stands in `_RIGHT`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
_READ = ("README.md", "CHANGELOG.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "docs", "recipes", "tlkit")
_RIGHT = "te,ser,nin,fof,nd,ot,perview,normalized"
_CODE = r">>> .*|`[^`\n]+`|^    .*$|^```.*$|\w+\.\w+|\w+[=_(]\w*|\"[a-z_]+\"|License"


def main() -> int:
    """Ask codespell; its exit status."""
    paths = [str(ROOT / each) for each in _READ if (ROOT / each).exists()]
    dictionaries = ["--dictionary", "-", "--dictionary", str(HERE / "american.txt")]
    given = ["--ignore-words-list", _RIGHT, "--ignore-regex", _CODE, "--skip", "*.png,*.jpg,*.js,*.css,*.svg,*.txt"]
    return subprocess.run([sys.executable, "-m", "codespell_lib", *dictionaries, *given, *paths]).returncode


if __name__ == "__main__":
    sys.exit(main())
