"""The cache of frozen features: what goes in comes out, whatever else happens on the disk."""

import multiprocessing
import os
import subprocess
import sys

import numpy as np
import pytest

from tlkit.engines.feature_cache import CacheError, FeatureStore, cache_limit, clear, contents, make_room
from tlkit.paths import cache_root

IDENTITY = {"net": "cnn", "weights": "abc"}


@pytest.fixture
def store(tmp_path):
    return FeatureStore(IDENTITY, tmp_path)


def ids(*numbers):
    return [f"{number:032x}" for number in numbers]


def features(*numbers, width=3):
    return np.array([[number] * width for number in numbers], np.float32)


def shards(store):
    return sorted(store.folder.glob("*.npy"))


def test_what_was_put_comes_back_in_the_order_asked_for(store):
    store.put(ids(1, 2, 3), features(1, 2, 3))
    store.put(ids(4, 5), features(4, 5))
    rows = store.get(ids(5, 1, 4))
    assert (len(rows), rows.shape) == (3, (3, 3))
    np.testing.assert_array_equal(rows.load([0, 1, 2]), features(5, 1, 4))
    np.testing.assert_array_equal(rows.load([2, 0]), features(4, 5))
    assert rows.load([0]).dtype == np.float32


def test_rows_gathered_into_memory_are_the_same(store):
    store.put(ids(1, 2), features(1, 2))
    store.put(ids(3), features(3))
    np.testing.assert_array_equal(store.get(ids(3, 1, 2)).gathered().load([0, 1, 2]), features(3, 1, 2))


def test_only_what_is_there_is_said_to_be(store):
    assert store.have(ids(1)) == set()
    store.put(ids(1, 2), features(1, 2))
    assert store.have(ids(1, 9)) == set(ids(1))


def test_another_identity_has_features_of_its_own(store, tmp_path):
    store.put(ids(1), features(1))
    assert FeatureStore(IDENTITY | {"weights": "abd"}, tmp_path).have(ids(1)) == set()
    assert FeatureStore(dict(reversed(IDENTITY.items())), tmp_path).have(ids(1)) == set(ids(1))


def test_values_too_large_for_half_precision_are_kept(store):
    store.put(ids(1), np.array([[70_000.0, -1e6, 0.5]], np.float32))
    np.testing.assert_array_equal(store.get(ids(1)).load([0]), [[70_000.0, -1e6, 0.5]])


@pytest.mark.parametrize("large_first", [True, False])
def test_shards_of_both_precisions_come_back_together_exactly(store, large_first):
    for number in (70_000, 1) if large_first else (1, 70_000):
        store.put(ids(number), features(number))
    rows = store.get(ids(1, 70_000))
    np.testing.assert_array_equal(rows.load([0, 1]), features(1, 70_000))
    np.testing.assert_array_equal(rows.gathered().load([0, 1]), features(1, 70_000))


def test_feature_maps_keep_their_shape(store):
    maps = np.arange(2 * 4 * 4 * 3, dtype=np.float32).reshape(2, 4, 4, 3)
    store.put(ids(1, 2), maps)
    np.testing.assert_array_equal(store.get(ids(2, 1)).load([1, 0]), maps)


def write_many(root, first):
    store = FeatureStore(IDENTITY, root)
    for number in range(first, first + 40):
        store.put(ids(number), features(number))


def test_two_writers_at_once_lose_nothing(store, tmp_path):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_many, args=(tmp_path, first)) for first in (0, 20)]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    assert [each.exitcode for each in writers] == [0, 0]
    np.testing.assert_array_equal(store.get(ids(*range(60))).load(range(60)), features(*range(60)))
    assert [each.name for each in store.folder.iterdir() if each.name.endswith(".tmp")] == []


@pytest.mark.parametrize("left", [0, 3, 90, 200])
def test_a_torn_shard_is_dropped_and_the_others_stay(store, left):
    store.put(ids(1), features(1))
    store.put(ids(2, 3, 4), features(2, 3, 4))
    torn = next(path for path in shards(store) if path.stat().st_size > store_size(1))
    torn.write_bytes(torn.read_bytes()[:left])
    assert store.have(ids(1, 2, 3, 4)) == set(ids(1))
    assert len(shards(store)) == 1
    store.put(ids(2), features(2))
    np.testing.assert_array_equal(store.get(ids(1, 2)).load([0, 1]), features(1, 2))


def store_size(rows):
    return 128 + rows * (40 + 3 * 2)


def test_making_room_throws_out_what_was_used_longest_ago(store):
    for number in (1, 2, 3):
        store.put(ids(number), features(number))
    for age, path in enumerate(shards(store)):
        os.utime(path, (1000 + age, 1000 + age))
    oldest, *others = shards(store)
    size = oldest.stat().st_size
    assert make_room(store.root, limit=2 * size) == size
    assert shards(store) == others
    assert make_room(store.root, limit=2 * size) == 0


def test_features_that_are_read_count_as_used(store):
    for number in (1, 2):
        store.put(ids(number), features(number))
    for path in shards(store):
        os.utime(path, (1000, 1000))
    store.get(ids(2))
    make_room(store.root, limit=shards(store)[0].stat().st_size)
    assert store.have(ids(1, 2)) == set(ids(2))


def test_making_room_spares_the_run_that_asks_for_it(store, tmp_path):
    other = FeatureStore({"net": "other"}, tmp_path)
    store.put(ids(1), features(1))
    other.put(ids(1), features(1))
    make_room(tmp_path, limit=0, spare=store.folder)
    assert (len(shards(store)), len(shards(other))) == (1, 0)


def test_what_a_run_uses_is_neither_cleared_nor_thrown_out(store, tmp_path):
    store.put(ids(1), features(1))
    with store.hold():
        assert clear(tmp_path) == (0, 1)
        assert make_room(tmp_path, limit=0) == 0
    assert len(shards(store)) == 1
    assert clear(tmp_path)[1] == 0
    assert shards(store) == []


def test_what_a_full_cache_cannot_take_is_read_from_elsewhere_and_then_dropped(small_disk):
    store = FeatureStore(IDENTITY, small_disk("40k"))
    for number in (1, 2, 3):
        store.put(ids(number), features(number, width=8000))
    rows = store.get(ids(3, 1))
    assert store.drop_overflow()
    np.testing.assert_array_equal(rows.load([0, 1])[:, 0], [3, 1])
    assert not any(each.exists() for each in store.overflow)


def test_where_no_disk_has_room_nothing_is_left_outside_the_cache(small_disk, tmp_path):
    store = FeatureStore(IDENTITY, small_disk("40k"))
    store.overflow = [small_disk("40k", tmp_path / "another") / "overflow"]
    for number in range(4):  # two in each
        store.put(ids(number), features(number, width=8000))
    with pytest.raises(CacheError, match="features cannot be written"):
        store.put(ids(4), features(4, width=8000))
    assert list((tmp_path / "another").iterdir()) == []


def test_features_that_were_thrown_out_are_an_error_not_wrong_numbers(store):
    store.put(ids(1), features(1))
    with pytest.raises(CacheError) as caught:
        store.get(ids(1, 2))
    assert "\n" not in str(caught.value)


def test_where_nothing_can_be_written_one_line_says_so(tmp_path):
    (tmp_path / "features").write_text("a file where the folder should be")
    with pytest.raises(CacheError, match="features cannot be written") as caught:
        FeatureStore(IDENTITY, tmp_path).put(ids(1), features(1))
    assert str(caught.value).startswith(str(tmp_path))
    assert "\n" not in str(caught.value)


def test_more_shards_than_files_may_be_open_at_first_are_all_read(tmp_path):
    code = f"""
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (64, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
from pathlib import Path
import numpy as np
from tlkit.engines.feature_cache import FeatureStore
store = FeatureStore({{"net": "cnn"}}, Path({str(tmp_path)!r}))
names = [f"{{each:032x}}" for each in range(100)]
for number, name in enumerate(names):
    store.put([name], np.array([[number]], np.float32))
print(store.get(names).load(range(100))[:, 0].sum())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == [str(float(sum(range(100))))], done.stderr
    assert len(list(tmp_path.glob("features/*/*.npy"))) == 100


def test_a_shard_that_cannot_be_read_now_is_not_thrown_away(store):
    store.put(ids(1), features(1))
    (shard,) = shards(store)
    shard.rename(shard.with_name("kept"))
    shard.mkdir()  # reading it is an error of the system, as a disk that is gone is one
    with pytest.raises(CacheError, match="cannot be read"):
        store.get(ids(1))


def test_the_contents_are_counted_and_cleared(store, tmp_path):
    assert contents(tmp_path) == []
    store.put(ids(1, 2), features(1, 2))
    (entry,) = contents(tmp_path)
    size = sum(path.stat().st_size for path in shards(store))
    assert (entry["key"], entry["examples"], entry["bytes"], entry["net"]) == (store.key, 2, size, "cnn")
    assert clear(tmp_path) == (size, 0)
    assert (contents(tmp_path), store.have(ids(1))) == ([], set())


def test_contents_with_a_torn_shard_can_be_shown(store, tmp_path):
    store.put(ids(1, 2), features(1, 2))
    store.put(ids(3), features(3))
    shards(store)[0].write_bytes(b"")
    assert contents(tmp_path)[0]["examples"] in (1, 2)


def test_the_place_and_the_limit_come_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("TLKIT_CACHE", str(tmp_path))
    monkeypatch.setenv("TLKIT_CACHE_GB", "0.5")
    assert (cache_root(), cache_limit()) == (tmp_path, 2**29)
    monkeypatch.setenv("TLKIT_CACHE_GB", "much")
    with pytest.raises(CacheError, match="TLKIT_CACHE_GB: expected a number of gigabytes, found 'much'"):
        cache_limit()
    monkeypatch.delenv("TLKIT_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert cache_root() == tmp_path / "cache" / "tlkit"
