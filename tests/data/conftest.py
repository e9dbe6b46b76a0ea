import pandas as pd
import pytest


@pytest.fixture
def listed(picture_folder):
    """A table of 24 pictures with their classes, for a test to add columns to."""
    paths = sorted(picture_folder.rglob("*.png"))
    return pd.DataFrame({"path": [str(each) for each in paths], "label": [each.parent.name for each in paths]})
