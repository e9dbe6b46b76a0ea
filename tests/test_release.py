"""What `make release` asks of a commit before it builds; the tools that build and check need a network."""

import pytest
from bench_script import bench_script

bench_script("audit")  # which it imports
release = bench_script("release")
CHANGES = "# Changes\n\n## 0.2.0\n\n- **News**: there are some.\n\n## 0.1.0\n"


def obstacles(version="0.2.0", changes=CHANGES, tags=("v0.1.0",), changed=()):
    return list(release.obstacles(version, changes, tags, changed))


def test_the_version_stands_in_one_place_in_the_form_that_indexes_take():
    assert release.version_in('import os\n\n__version__ = "1.2.0rc1"\n') == "1.2.0rc1"
    for source in ("", '__version__ = "new"\n', '__version__ = "1.0.0"\n__version__ = "1.0.1"\n'):
        with pytest.raises(SystemExit, match="expected one line such as"):
            release.version_in(source)


def test_what_is_ready_has_no_obstacles():
    assert obstacles() == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"changed": ["README.md", "new.py"]}, "README.md, new.py: not committed"),
        ({"tags": ["v0.1.0", "v0.2.0"]}, "v0.2.0: released already; set another version in tlkit/__init__.py"),
        ({"version": "0.3.0"}, "CHANGELOG.md: expected '## 0.3.0' as the first heading, found '## 0.2.0'"),
        ({"changes": "# Changes\n"}, "CHANGELOG.md: expected '## 0.2.0' as the first heading, found none"),
        (
            {"changes": CHANGES.replace("- **News**: there are some.", "")},
            "CHANGELOG.md: nothing stands under '## 0.2.0'",
        ),
    ],
)
def test_what_is_not_ready_is_said_in_a_line(given, said):
    assert obstacles(**given) == [said]
