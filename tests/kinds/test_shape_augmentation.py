"""Changes of DNA and voxels: what they must keep, and that the seed alone decides."""

import numpy as np
import tensorflow as tf

from tlkit.kinds.augment import pipeline
from tlkit.kinds.dna.fasta import encode_letters
from tlkit.kinds.dna.strand_changes import reverse_complement
from tlkit.kinds.voxels.solid_changes import jolt, mirror, turn

SEED = (0, 1)


def solid():
    """A lopsided solid, higher than wide."""
    grid = np.zeros((9, 9, 9, 1), np.float32)
    grid[2:4, 4:8, 1:9] = 1
    return grid


def test_the_reverse_complement_reads_the_other_strand():
    codes = tf.cast(encode_letters("AACGTRN-"), tf.float32)
    other = reverse_complement(codes, SEED, share=1.0)
    assert other.numpy().tolist() == encode_letters("-NYACGTT").tolist()
    assert reverse_complement(other, SEED, share=1.0).numpy().tolist() == codes.numpy().tolist()
    assert reverse_complement(codes, SEED, share=0.0).numpy().tolist() == codes.numpy().tolist()


def test_quarter_turns_lose_nothing_and_come_round():
    for seed in range(12):
        turned = turn(tf.constant(solid()), (0, seed), step=90).numpy()
        assert any(np.array_equal(turned, np.rot90(solid(), k, axes=(0, 1))) for k in range(4))


def test_any_turn_leaves_every_height_as_full_as_it_was_but_for_the_rounding():
    turned = turn(tf.constant(solid()), SEED).numpy()
    assert (turned.sum((0, 1, 3)) > 0).tolist() == (solid().sum((0, 1, 3)) > 0).tolist()
    assert abs(turned.sum() / solid().sum() - 1) < 0.3


def test_a_mirrored_solid_is_mirrored_in_one_upright_plane():
    assert np.array_equal(mirror(tf.constant(solid()), SEED, share=1.0), solid()[::-1])


def test_a_jolt_moves_a_solid_as_a_whole():
    for seed in range(6):
        moved = jolt(tf.constant(solid()), (0, seed), most=1).numpy()
        assert any(np.array_equal(moved[1:-1, 1:-1, 1:-1], np.roll(solid(), shift, (0, 1, 2))[1:-1, 1:-1, 1:-1])
                   for shift in np.ndindex(3, 3, 3) for shift in [tuple(each - 1 for each in shift)])  # fmt: skip


def test_steps_in_a_recipe_keep_voxels_and_letters_what_they_are():
    turns = pipeline.build([{"turn": {}}, {"mirror": None}], kind="voxels")
    grids = np.stack([solid(), solid()]).astype(np.uint8)
    changed = turns.batch(grids, np.array([1, 2]))
    assert set(np.unique(changed)) == {0.0, 1.0}
    assert np.array_equal(changed, turns.batch(grids, np.array([1, 2])))
    assert not np.array_equal(changed[0], changed[1])
    strands = pipeline.build([{"reverse_complement": {"share": 1.0}}], kind="dna")
    codes = encode_letters("ACG")[None]
    assert strands.batch(codes, np.array([1])).astype(np.uint8).tolist() == [encode_letters("CGT").tolist()]
