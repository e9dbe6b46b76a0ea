import numpy as np

from tlkit.layers.random_kernels import RandomKernels, groups_of


def signals(count=2, time=40, channels=1):
    return np.random.default_rng(0).normal(size=(count, time, channels)).astype("float32")


def responses(signal, kernel, bias, dilation):
    reach = (len(kernel) - 1) * dilation
    starts = range(len(signal) - reach)
    return np.array([(signal[start : start + reach + 1 : dilation] * kernel).sum() + bias for start in starts])


def test_it_gives_the_largest_response_and_the_share_above_zero():
    layer, signal = RandomKernels(4, lengths=[7]), signals(count=1)
    found = np.asarray(layer(signal))[0]
    at = next(place for place, group in enumerate(layer.groups) if group == (7, 2, "valid", 1))
    kernel, bias = (np.asarray(each) for each in layer.banks[at])
    expected = responses(signal[0], kernel[:, :, 0], bias[0], dilation=2)
    np.testing.assert_allclose(found[2 * at : 2 * at + 2], [expected.max(), (expected > 0).mean()], rtol=1e-4)


def test_a_constant_added_to_a_signal_changes_no_filter_without_padding():
    layer = RandomKernels(60)
    one, other = layer(signals()), layer(signals() + 5)
    inner = [padding == "valid" for _, _, padding, count in layer.groups for _ in range(2 * count)]
    np.testing.assert_allclose(np.asarray(one)[:, inner], np.asarray(other)[:, inner], atol=1e-4)


def test_the_same_seed_draws_the_same_filters():
    one, twin, other = (RandomKernels(30, seed=seed)(signals()) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one, twin)
    assert not np.array_equal(one, other)


def test_nothing_in_it_can_be_trained():
    layer = RandomKernels(30)
    layer(signals())
    layer.trainable = True
    assert layer.trainable_weights == []


def test_all_filters_fit_the_signal_and_are_as_many_as_asked_for():
    groups = groups_of(140, (7, 9, 11), 1000)
    assert sum(count for *_, count in groups) == 1000
    assert max((length - 1) * dilation for length, dilation, *_ in groups) < 140
    assert {dilation for _, dilation, *_ in groups} == {1, 2, 4, 8, 16}


def test_relative_thresholds_stand_in_deviations_of_the_responses():
    absolute, relative = RandomKernels(60), RandomKernels(60, relative=True)
    smooth = np.cumsum(signals(time=200), axis=1) / 50
    shares = [np.asarray(each(smooth)).reshape(2, -1) for each in (absolute, relative)]
    within = [((each > 0.01) & (each < 0.99)).mean() for each in shares]
    assert within[1] > within[0]
    np.testing.assert_allclose(np.asarray(relative(smooth)).shape, (2, 120))
    larger = np.asarray(relative(smooth * 8))
    same = np.isclose(larger, np.asarray(relative(smooth)), atol=1e-6).mean()
    assert same >= 0.5  # shares do not hang on a signal's size, largest responses do
