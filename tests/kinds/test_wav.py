import struct
import wave

import numpy as np
import pytest
from waves import tone, write_wav

from tlkit.errors import DataError
from tlkit.kinds.signal.wav import read_wav, resampled


@pytest.mark.parametrize("bits", [8, 16, 24, 32, "float"])
@pytest.mark.parametrize("channels", [1, 2])
def test_every_usual_form_gives_the_same_samples(tmp_path, bits, channels):
    values = np.stack([tone(300), tone(700)][:channels], axis=1)
    read = read_wav(write_wav(tmp_path / "a.wav", values, bits=bits, rate=11025))
    assert read.rate == 11025
    assert read.samples.dtype == np.float32
    np.testing.assert_allclose(read.samples, values, atol=0.02 if bits == 8 else 1e-4)


def test_a_file_of_the_standard_library_is_read(tmp_path):
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(struct.pack("<3h", 0, 16384, -32768))
    assert read_wav(tmp_path / "a.wav").samples[:, 0].tolist() == [0.0, 0.5, -1.0]


def test_a_recorder_that_did_not_know_the_length_is_read_to_the_end(tmp_path):
    assert len(read_wav(write_wav(tmp_path / "a.wav", tone(300), promised=0xFFFFFFFF)).samples) == 2000


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty file"),
        (b"RIFF", "not a WAV file"),
        (b"not sound at all", "not a WAV file"),
        (b"RIFF\x04\0\0\0WAVE", "cut short: no samples"),
        (b"RIFF\x04\0\0\0WAVEfmt \x04\0\0\0abcd", "its header is not whole"),
        (b"RIFF\x04\0\0\0WAVEdata\x04\0\0\0abcd", "no format"),
        (b"RIFF\x04\0\0\0WAVEfmt \x10\0\0\0" + struct.pack("<HHIIHH", 85, 1, 8000, 0, 0, 0), "format 85 with 0 bits"),
    ],
)
def test_what_is_no_whole_wav_is_named_with_the_reason(tmp_path, content, told):
    (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(DataError, match=rf"a.wav: .*{told}"):
        read_wav(tmp_path / "a.wav")


def test_a_wav_cut_short_says_what_is_missing(tmp_path):
    path = write_wav(tmp_path / "a.wav", tone(300))
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(DataError, match="cut short: its header promises 4000 bytes of samples, 3000 are there"):
        read_wav(path)


def test_a_sample_that_is_no_number_is_found(tmp_path):
    values = tone(300)
    values[7] = np.nan
    with pytest.raises(DataError, match="sample 7 is NaN"):
        read_wav(write_wav(tmp_path / "a.wav", values, bits="float"))


@pytest.mark.parametrize(("rate", "wanted"), [(8000, 16000), (16000, 8000), (11025, 8000), (8000, 8000)])
def test_a_tone_is_the_same_tone_at_another_rate(rate, wanted):
    seconds = 0.2
    moved = resampled(tone(500, rate=rate, seconds=seconds)[:, None].astype("float32"), rate, wanted)[:, 0]
    assert len(moved) == round(wanted * seconds)
    np.testing.assert_allclose(moved, tone(500, rate=wanted, seconds=seconds), atol=0.02)
