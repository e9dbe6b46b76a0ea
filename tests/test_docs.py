"""The documentation's own code blocks, run as they stand: every number that a page shows is compared."""

import doctest
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
SLOW = {"architectures", "normalisation", "python"}
PAGES = sorted(page for page in DOCS.glob("*.md") if ">>> " in page.read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def plain_numbers():
    """A page that changes how numpy prints changes it for itself."""
    import numpy as np

    with np.printoptions():
        yield


def test_there_are_pages_to_run():
    assert len(PAGES) >= 4


@pytest.mark.parametrize(
    "page",
    [pytest.param(page, id=page.stem, marks=pytest.mark.slow if page.stem in SLOW else []) for page in PAGES],
)
def test_every_number_of_a_page_is_right(page):
    said = []
    parser = doctest.DocTestParser()
    examples = parser.get_doctest(page.read_text(encoding="utf-8"), {}, page.name, str(page), 0)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(examples, out=said.append)
    assert runner.tries > 5
    assert runner.failures == 0, "".join(said)
