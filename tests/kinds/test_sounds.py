import numpy as np
import pytest
from waves import tone, write_tones, write_wav

from tlkit.errors import DataError
from tlkit.kinds.signal.sounds import sounds


def test_a_sound_is_its_raw_samples_and_the_spectrogram_is_left_to_the_model(tmp_path):
    splits = sounds(write_tones(tmp_path), val=0.2, test=0.2)
    assert (splits.info.kind, splits.info.input_shape, splits.info.input_dtype) == ("sound", (2000,), "float32")
    assert splits.info.preparation["name"] == "mel_spectrogram"
    assert splits.info.preparation["sample_rate"] == 8000
    assert np.abs(splits.train.load([0])).max() == pytest.approx(0.5, abs=0.01)


def test_another_sample_rate_is_resampled_and_told(tmp_path):
    write_tones(tmp_path)
    write_wav(tmp_path / "low" / "fast.wav", tone(300, rate=16000, seconds=0.5), rate=16000)
    splits = sounds(tmp_path, val=0.2, test=0.2)
    assert splits.info.input_shape == (4000,)
    assert splits.info.tags == {
        "data.sample_rate": "8000",
        "data.lengths": "0 of 17 cut to 0.50 s, 16 filled with zeros",
        "data.resampled": f"1 to 8000 Hz ({tmp_path / 'low' / 'fast.wav'})",
    }


def test_length_and_rate_can_be_asked_for(tmp_path):
    splits = sounds(write_tones(tmp_path), seconds=0.1, sample_rate=16000, val=0.2, test=0.2)
    assert splits.info.input_shape == (1600,)


def test_one_long_sound_does_not_make_all_long(tmp_path):
    write_tones(tmp_path, 20)
    write_wav(tmp_path / "low" / "long.wav", tone(300, seconds=9))
    info = sounds(tmp_path, val=0.2, test=0.2).info
    assert info.input_shape == (2000,)
    assert info.tags["data.lengths"] == "1 of 41 cut to 0.25 s (the longest is 9.00 s), 0 filled with zeros"


def test_a_torn_sound_is_set_aside_with_the_reason(tmp_path):
    write_tones(tmp_path, 16)
    torn = tmp_path / "low" / "3.wav"
    torn.write_bytes(torn.read_bytes()[:-100])
    assert sounds(tmp_path, val=0.2, test=0.2).info.set_aside == {
        str(torn): "cut short: its header promises 4000 bytes of samples, 3900 are there"
    }


def test_too_many_torn_sounds_stop(tmp_path):
    write_tones(tmp_path)
    (tmp_path / "low" / "3.wav").write_bytes(b"")
    with pytest.raises(DataError, match=r"1 of 16 sounds cannot be used.*3.wav: empty file"):
        sounds(tmp_path)


def test_a_folder_without_sounds_is_refused(tmp_path):
    (tmp_path / "low").mkdir()
    with pytest.raises(DataError, match="expected sounds of the class 'low', found none"):
        sounds(tmp_path)
