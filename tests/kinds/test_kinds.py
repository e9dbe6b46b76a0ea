"""Every line of the catalog's table of kinds answers all that is asked of a kind."""

import inspect

import numpy as np
import pytest

from tlkit import catalog
from tlkit.errors import DataError, NotFoundError
from tlkit.kinds.augment.augmentation_names import AUGMENTATIONS
from tlkit.kinds.kind import Kind, kind_of


@pytest.mark.parametrize("name", catalog.KINDS)
def test_a_line_of_the_table_leads_to_the_kind_of_that_name(name):
    kind = kind_of(name)
    assert isinstance(kind, Kind)
    assert kind.name == name
    assert set(kind.augmentations or ()) <= set(AUGMENTATIONS)
    assert (kind.inputs_at is None) == (kind.labelled_at is None)
    for line in kind.preparations.values():
        module, _, function = line.target.partition(":")
        parameters = inspect.signature(getattr(__import__(module, fromlist=[function]), function)).parameters
        assert next(iter(parameters)) == "input_shape"


def test_every_step_of_the_table_suits_a_kind():
    suited = [kind_of(name).augmentations or () for name in catalog.KINDS]
    assert set().union(*suited) == set(AUGMENTATIONS)


def test_a_kind_that_is_in_no_table_is_refused_by_name():
    for name in ("signals", "os:system", "tlkit.kinds.dna.dna_kind:DNA"):
        with pytest.raises(NotFoundError, match=f"unknown kind of data '{name}'"):
            kind_of(name)


def test_an_example_of_another_shape_or_of_no_numbers_is_refused():
    metadata = {"input_shape": [2], "input_dtype": "float32"}
    array = kind_of("array")
    assert array.input_of((1, 2), metadata).dtype == np.float32
    with pytest.raises(DataError, match=r"expected an input of shape \(2,\), found \(3,\)"):
        array.input_of([1, 2, 3], metadata)
    with pytest.raises(DataError, match=r"expected numbers of shape \(2,\)"):
        array.input_of(["one", "two"], metadata)
