"""`Classifier` and `Regressor` as scikit-learn's own tools use them."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

import tlkit

SHORT = {
    "check_estimators_unfitted", "check_estimators_pickle", "check_n_features_in", "check_estimators_nan_inf",
    "check_dict_unchanged", "check_fit_idempotent", "check_requires_y_none", "check_classifiers_one_label",
    "check_dataframe_column_names_consistency", "check_parameters_default_constructible",
}  # fmt: skip
OWN = {"check_methods_subset_invariance"}  # wants float64's 1e-7; see the test of batches below


def checks(short):
    """Scikit-learn's checks of both estimators; those of the array API skip themselves."""
    for each in (tlkit.Classifier, tlkit.Regressor):
        for estimator, check in estimator_checks_generator(each("mlp", arguments={"units": [32]})):
            name = check.func.__name__
            if name not in OWN and (name in SHORT) == short:
                yield pytest.param(estimator, check, id=f"{each.__name__}-{name}")


@pytest.mark.parametrize(("estimator", "check"), checks(short=True))
def test_scikit_learn_finds_its_contract_kept(estimator, check):
    check(estimator)


@pytest.mark.long
@pytest.mark.parametrize(("estimator", "check"), checks(short=False))
def test_scikit_learn_finds_all_of_its_contract_kept(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def blobs():
    rng = np.random.default_rng(1)
    labels = np.arange(90) % 3
    return rng.normal(size=(90, 4)) * 0.5 + np.eye(4)[labels] * 3, np.array(["ant", "bee", "cat"])[labels]


def test_a_pipeline_is_cross_validated(blobs):
    scores = cross_val_score(make_pipeline(StandardScaler(), tlkit.Classifier("mlp", epochs=40)), *blobs, cv=3)
    assert scores.min() > 0.85


@pytest.mark.slow
def test_a_grid_is_searched_and_its_best_keeps_after_pickling(blobs):
    X, y = blobs
    table = pd.DataFrame(X, columns=list("abcd"))
    search = GridSearchCV(tlkit.Classifier("mlp", epochs=30), {"head": [{"dropout": 0.0}, {"dropout": 0.4}]}, cv=2)
    search.fit(table, y)
    assert set(search.best_params_) == {"head"}
    loaded = pickle.loads(pickle.dumps(search.best_estimator_))
    assert list(loaded.classes_) == ["ant", "bee", "cat"]
    np.testing.assert_array_equal(loaded.predict_proba(table), search.predict_proba(table))


def test_a_row_is_answered_alike_in_any_batch(blobs):
    X, y = blobs
    model = tlkit.Classifier("mlp", epochs=5).fit(X, y)
    alone = np.concatenate([model.predict_proba(X[[index]]) for index in range(20)])
    np.testing.assert_allclose(alone, model.predict_proba(X[:20]), rtol=0, atol=1e-6)


@pytest.mark.slow
def test_paths_of_pictures_are_learned_from_and_told(picture_folder):
    paths = sorted(picture_folder.rglob("*.png")) or sorted(p for p in picture_folder.rglob("*") if p.is_file())
    labels = [each.parent.name for each in paths]
    model = tlkit.Classifier("cnn", arguments={"filters": [8]}, image_size=16, epochs=40).fit(paths, labels)
    assert model.score(paths, labels) > 0.9
    saved = model.save(picture_folder / "model.keras")
    assert tlkit.load_model(saved).predict([paths[0]])[0].label == labels[0]


@pytest.mark.slow
def test_texts_are_learned_from():
    texts = [f"{word} {index}" for index in range(30) for word in ("good fine nice", "bad poor awful")]
    labels = ["+", "-"] * 30
    assert tlkit.Classifier(epochs=30).fit(texts, labels).score(texts, labels) > 0.9


def test_a_table_gives_a_number():
    X = np.random.default_rng(0).normal(size=(150, 3))
    y = 100 + 20 * X[:, 0] - 5 * X[:, 1]
    model = tlkit.Regressor("mlp", epochs=60).fit(X, y)
    assert model.predict(X[:5]).shape == (5,)
    assert model.score(X, y) > 0.9


@pytest.mark.parametrize(
    ("X", "y", "said"),
    [
        (["a.png"] * 4, [0, 1], "as many labels as examples"),
        (np.zeros((8, 2)), [1] * 8, "two classes"),
        ([["a", "b"]] * 6, [0, 1] * 3, "Convert your data to numeric"),
    ],
)
def test_what_cannot_be_learned_from_is_said(X, y, said):
    with pytest.raises(ValueError, match=said):
        tlkit.Classifier("mlp").fit(X, y)


def test_a_wrong_parameter_is_said_with_what_was_meant():
    with pytest.raises(ValueError, match="Did you mean 'mlp'"):
        tlkit.Classifier("mlpp").fit(np.eye(4), [0, 1, 0, 1])
