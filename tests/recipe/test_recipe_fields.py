"""What the schema says of each field, which the documentation and editors show."""

import pytest
from recipe_schema import fields

FIELDS = {name: (section, field) for name, section, field in fields()}


def test_the_fields_are_found():
    assert {"name", "data.beside.columns", "train.phases[].unfreeze", "export.formats"} <= set(FIELDS)


@pytest.mark.parametrize("path", FIELDS)
def test_a_field_has_a_description_and_examples_that_are_accepted(path):
    section, field = FIELDS[path]
    name = path.rpartition(".")[2]
    needed = {key: each.examples[0] for key, each in section.model_fields.items() if each.is_required()}
    assert field.description
    assert field.examples
    for example in field.examples:
        assert name in section.model_validate({**needed, name: example}).model_fields_set
