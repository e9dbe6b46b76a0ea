import subprocess
import sys

import keras
import numpy as np
import pytest

from tlkit.errors import ModelError
from tlkit.nets.arithmetic import Window, check, input_size, output_size, per_stage, smallest_input, stack_windows


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("kernel", [1, 2, 5])
def test_output_sizes_are_those_of_keras(kernel, stride, padding):
    for size in range(kernel, 12):
        convolution = keras.layers.Conv1D(1, kernel, strides=stride, padding=padding)
        expected = convolution.compute_output_shape((None, size, 1))[1]
        assert output_size(size, Window("conv", kernel, stride, padding)) == expected


def test_padding_by_a_number_follows_the_formula():
    assert output_size(32, Window("conv", 5, 1, 2)) == 32
    assert output_size(7, Window("conv", 3, 2, 1)) == 4


def test_ten_filters_of_five_on_the_textbook_s_picture():
    assert output_size(32, Window("conv1", 5, 1, padding=2)) == 32


@pytest.mark.parametrize("padding", ["valid", "same", 1])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_the_smallest_input_is_the_smallest(stride, padding):
    window = Window("conv", 4, stride, padding)
    for size in (1, 2, 5):
        smallest = input_size(size, window)
        assert output_size(smallest, window) == size
        assert output_size(smallest - 1, window) < size


def test_the_smallest_input_of_alexnet():
    windows = [Window("conv1", 11, 4, "valid"), *(Window(f"pool{each}", 3, 2, "valid") for each in (1, 2, 5))]
    assert smallest_input(windows) == 67


def test_the_layer_at_fault_and_the_smallest_input_are_named():
    with pytest.raises(ModelError) as caught:
        check("cnn", (4, 9, 3), stack_windows(3))
    assert str(caught.value).startswith("cnn: block3_pool: its input has size 1, too small for a window of 2.")
    assert "The smallest input that works is 8 x 8. Received: 4 x 9." in str(caught.value)


def test_the_named_smallest_input_works():
    check("cnn", (8, 8, 3), stack_windows(3))


def test_sizes_that_are_not_known_yet_pass():
    check("cnn", (None, None, 3), stack_windows(3))


def test_another_rank_is_refused():
    with pytest.raises(ModelError, match=r"cnn: takes input of shape \(height, width, channels\)"):
        check("cnn", (28, 28), [])


@pytest.mark.parametrize("value", [0, -1, 2.5, True, "3"])
def test_sizes_must_be_whole_and_positive(value):
    with pytest.raises(ModelError, match="kernel"):
        per_stage([value], 1, "kernel")


def test_one_number_serves_all_stages_and_a_list_must_fit():
    assert per_stage(3, 3, "kernel") == (3, 3, 3)
    with pytest.raises(ModelError, match="kernel: expected one number or 3, one for each stage"):
        per_stage([3, 3], 3, "kernel")


@pytest.mark.parametrize("padding", ["full", -1, 1.5, None])
def test_an_unknown_padding_is_refused(padding):
    with pytest.raises(ModelError, match="padding"):
        stack_windows(1, padding=padding)


@pytest.mark.parametrize(
    "sizes",
    [{"padding": 2, "stride": 2}, {"kernel": [5, 3, 1], "padding": "valid"}, {"pool_size": 3, "pool_stride": 1}],
)
def test_the_arithmetic_and_the_net_agree(sizes):
    from tlkit.nets.cnn import cnn

    size = smallest_input(stack_windows(3, **sizes)) + 3
    expected = size
    for window in stack_windows(3, **sizes):
        expected = output_size(expected, window)
    model = cnn((size, size, 1), filters=[2, 2, 2], **sizes)
    assert model.output_shape[1:3] == (expected, expected)
    assert np.asarray(model(np.zeros((1, size, size, 1)))).shape[1] == expected


def test_it_loads_nothing_heavy():
    code = "import sys, tlkit.nets.arithmetic; assert not {'keras', 'tensorflow', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": ":".join(sys.path)})
