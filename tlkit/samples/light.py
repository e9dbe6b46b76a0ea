"""How the camera saw it: backdrops going soft, tint, vignette, blur, sensor noise."""

import numpy as np
from PIL import Image, ImageFilter


def soften(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Texture and out-of-focus blur for what is behind the animal."""
    if rng.random() < 0.5:
        coarse = rng.integers(0, 256, (max(picture.height // int(rng.integers(2, 12)), 1),) * 2, dtype=np.uint8)
        texture = Image.fromarray(coarse).resize(picture.size, Image.Resampling.BILINEAR).convert("RGB")
        picture = Image.blend(picture, texture, rng.uniform(0.03, 0.16))
    far = rng.uniform(0.003, 0.014) if rng.random() < 0.6 else 0.002
    return picture.filter(ImageFilter.BoxBlur(picture.width * far))


def round_off(picture: Image.Image, mask: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Darken what the mask shows towards its rim, so that the animal looks solid."""
    if rng.random() < 0.3:
        return picture
    small = mask.reduce(4)
    fade = small.filter(ImageFilter.BoxBlur(small.width * rng.uniform(0.03, 0.08))).resize(mask.size)
    strength = np.asarray(mask) * np.float32(rng.uniform(0.4, 1.0) / 255)
    dark = Image.fromarray(((255 - np.asarray(fade)) * strength).astype(np.uint8))
    picture.paste((16, 12, 12), (0, 0), dark)
    return picture


def expose(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Brightness, contrast, tint, slanting light, vignette, blur and noise."""
    if rng.random() < 0.35:
        picture = picture.filter(ImageFilter.BoxBlur(picture.width * rng.uniform(0.001, 0.004)))
    size = picture.width
    pixels = np.asarray(picture).reshape(size, size * 3) * _gain(size, rng)
    pixels += np.float32(rng.normal(10, 16))
    if rng.random() < 0.6:
        noise = rng.standard_normal((size, size), np.float32) * np.float32(rng.uniform(2, 10))
        pixels += np.repeat(noise, 3, axis=1)
    pixels = np.clip(pixels, 0, 255, out=pixels).astype(np.uint8)
    return Image.fromarray(pixels.reshape(size, size, 3))


def _gain(size: int, rng: np.random.Generator) -> np.ndarray:
    """What each value is multiplied by, (size, size * 3): tint, slanting light, dim corners."""
    tint = rng.normal(1, 0.05, 3) * rng.uniform(0.7, 1.15)
    tint = np.tile(tint.astype(np.float32), size)
    axis = np.linspace(-1, 1, size, dtype=np.float32)
    across, down = rng.normal(0, 0.13, 2).astype(np.float32)
    dim = np.float32(rng.uniform(0, 0.25) if rng.random() < 0.5 else 0)
    square = axis**2 * dim / 2
    row = np.repeat(1 + across * axis - square, 3) * tint
    return row[None, :] + (down * axis - square)[:, None] * tint
