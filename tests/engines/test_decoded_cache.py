"""What was decoded stays in memory."""

from collections import Counter

import numpy as np

from tlkit.data.splits import Examples, Info
from tlkit.engines.decoded_cache import kept

INFO = Info("label", (4, 4, 3))


def counting(count=6):
    """Examples that note how often each was read."""
    reads = Counter()

    def read(item):
        reads[item] += 1
        return np.full((4, 4, 3), item, np.uint8)

    items = list(range(count))
    return Examples(
        items, np.zeros(count, int), [f"{each}" for each in items], [f"{each}" for each in items], read
    ), reads


def test_an_example_is_read_once_however_often_it_is_asked_for():
    examples, reads = counting()
    rows = kept(examples, INFO)
    for places in ([3, 1], [0, 3, 5], [5, 4, 2, 1, 0]):
        np.testing.assert_array_equal(rows.load(np.array(places)), examples.load(places))
    reads.clear()
    assert rows.load(np.arange(6))[:, 0, 0, 0].tolist() == [0, 1, 2, 3, 4, 5]
    assert not reads


def test_what_has_no_room_and_what_is_in_memory_already_stays_as_it_is():
    examples, _ = counting()
    assert kept(examples, INFO, most_bytes=6 * 48 - 1) is examples
    arrays = Examples(np.zeros((2, 4, 4, 3), np.uint8), np.zeros(2, int), ["a", "b"], ["a", "b"], None)
    assert kept(arrays, INFO) is arrays
