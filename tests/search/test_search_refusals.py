"""Searches that are refused before any trial, in one line that says what to mend."""

import shutil

from command_line import tlkit


def refused(project, *settings):
    """What is said; no search may have begun."""
    arguments = [part for each in settings for part in ("--set", each)]
    result = tlkit("tune", "tiny.yaml", *arguments)
    assert result.exit_code == 2, result.output
    assert not (project / "mlruns" / "searches" / "tiny" / "journal.jsonl").exists()
    return result.output


def test_a_space_without_one_feasible_point(project):
    said = refused(
        project, "model={net: cnn, filters: [4], padding: valid}", "tune.space={model.kernel: {choice: [99, 101]}}"
    )
    assert "tune.space: no point of it can be built" in said


def test_an_objective_that_no_metric_bears(project):
    assert "tune.objective: no metric 'val/acuracy' for this data. Did you mean 'val/accuracy'?" in refused(
        project, "tune.objective=val/acuracy"
    )


def test_a_path_that_is_no_field(project):
    said = refused(project, "tune.space={model.head.dropuot: {float: [0, 0.5]}}")
    assert "Did you mean 'model.head.dropout'" in said


def test_a_value_that_the_field_refuses(project):
    assert "tune.space.model.head.dropout: float 2" in refused(
        project, "tune.space={model.head.dropout: {float: [0, 2]}}"
    )


def test_an_empty_space(project):
    assert "tune.space: is empty" in refused(project, "tune.space={}")


def test_leaks_between_given_parts(project):
    for part in ("train", "test"):
        shutil.copytree("pictures", project / "given" / part)
    said = refused(project, "data.path=given", "data.test=null")
    assert "exact copies of examples in another part (a leak)" in said
