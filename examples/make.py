"""Make the images of this folder.

In: `data/processed/test/images.npy`. Out: four test images of Fashion-MNIST, one unchanged and
three enlarged and coloured like product images of a shop, and a star, which is not a garment.
Run: `python examples/make.py`.
"""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

HERE = Path(__file__).parent
IMAGES = HERE.parent / "data/processed/test/images.npy"
ORIGINAL, ON_LIGHT, ON_DARK, TRANSPARENT = 0, 9, 2, 18  # positions in the test images
EDGE, MARGIN = 196, 30
NOISE = 3  # standard deviation, like that of a camera


def main() -> None:
    """Write all five images."""
    images = np.load(IMAGES)
    rng = np.random.default_rng(0)
    Image.fromarray(images[ORIGINAL]).save(HERE / "ankle-boot.png")
    light = colour(images[ON_LIGHT], background=(247, 246, 242), garment=(60, 30, 40))
    add_noise(light, rng).save(HERE / "sneaker.jpg", quality=88)
    dark = colour(images[ON_DARK], background=(24, 26, 32), garment=(190, 215, 240))
    add_noise(dark, rng).save(HERE / "trouser-dark.webp", quality=85)
    transparent(images[TRANSPARENT]).save(HERE / "bag-transparent.png", optimize=True)
    star().save(HERE / "star.jpg", quality=88)


def enlarge(image: np.ndarray) -> np.ndarray:
    """Enlarge to float [height, width] from 0 (background) to 1 (garment), with a margin of 0."""
    large = Image.fromarray(image).resize((EDGE, EDGE), Image.Resampling.BICUBIC)
    return np.pad(np.asarray(large, float) / 255, MARGIN)


def colour(image: np.ndarray, background: tuple[int, ...], garment: tuple[int, ...]) -> np.ndarray:
    """Blend from `background` (0 in the image) to `garment` (255): float [height, width, 3]."""
    share = enlarge(image)[..., np.newaxis]
    return (1 - share) * background + share * garment


def add_noise(image: np.ndarray, rng: np.random.Generator) -> Image.Image:
    """Add noise like that of a camera."""
    noisy = image + rng.normal(0, NOISE, image.shape)
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


def transparent(image: np.ndarray) -> Image.Image:
    """Cut out the garment: RGBA, transparent around it."""
    share = enlarge(image)
    rgb = (1 - share)[..., np.newaxis] * (200, 170, 150) + (30, 20, 10)
    alpha = np.minimum(share * 8, 1) * 255
    return Image.fromarray(np.dstack([rgb, alpha]).clip(0, 255).astype(np.uint8))


def star() -> Image.Image:
    """Draw a star with five points."""
    angle = np.arange(10) * np.pi / 5
    radius = np.where(np.arange(10) % 2 == 0, 100, 42)
    points = zip(120 + radius * np.sin(angle), 125 - radius * np.cos(angle), strict=True)
    image = Image.new("RGB", (240, 240), (250, 250, 250))
    ImageDraw.Draw(image).polygon(list(points), fill=(200, 160, 20))
    return image


if __name__ == "__main__":
    main()
