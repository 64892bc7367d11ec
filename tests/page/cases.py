"""Images on which the preprocessing of the page is compared: arrays and files, from fixed seeds."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms

EXAMPLES = Path(__file__).parents[2] / "examples"
SIZES = (
    *((1, 1), (1, 2), (2, 1), (1, 300), (300, 1), (2, 150), (147, 3), (28, 28), (20, 20)),
    *((13, 31), (31, 13), (29, 28), (30, 40), (73, 51), (74, 74), (146, 100), (100, 147)),
    *((292, 90), (90, 293), (200, 150), (333, 222)),
)
BACKGROUNDS = (0, 20, 100, 127, 128, 180, 235, 255)
WHITE = 255
ALMOST_OPAQUE = np.array([0, 0, 0, 1], np.uint8)
PNG_COLOURS = {1: 0, 2: 4, 3: 2, 4: 6}  # by the number of channels
ADAM7 = (
    *((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4)),
    *((2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)),
)


def garment(rng, height, width, background):
    """Boxes of random colours on a plain background, RGBA, opaque."""
    image = np.full((height, width, 4), background)
    for _ in range(3):
        (top, bottom), (left, right) = np.sort(rng.integers(0, (height + 1, width + 1), (2, 2)).T)
        image[top:bottom, left:right] = rng.integers(0, 256, 4)
    image = (image + rng.integers(0, 9, image.shape)).clip(0, WHITE).astype(np.uint8)
    image[..., 3] = WHITE
    return image


def cut_out(rng, image, soft):
    """`image` with alpha: of 0 and 255 alone, or of all values."""
    alpha = rng.integers(0, 256, image.shape[:2]) if soft else rng.choice([0, WHITE], 9)
    image = image.copy()
    image[..., 3] = alpha if soft else np.resize(np.repeat(alpha, 5), image.shape[:2])
    return image


def arrays():
    """Name and pixels of images of every size, number of channels and background."""
    rng = np.random.default_rng(0)
    for height, width in SIZES:
        for background in rng.choice(BACKGROUNDS, 3, replace=False):
            image = garment(rng, height, width, background)
            variants = {
                "grey": image[..., 0],
                "negative": WHITE - image[..., 0],
                "RGB": image[..., :3],
                "RGBA": image,
                "grey in RGBA": image[..., [0, 0, 0, 3]],
                "grey, hardly transparent": image[..., [0, 0, 0, 3]] - ALMOST_OPAQUE,
                "cut out": cut_out(rng, image, soft=False),
                "soft": cut_out(rng, image, soft=True),
                "noise": rng.integers(0, 256, image.shape, dtype=np.uint8),
                "blank": np.full_like(image[..., :3], background),
            }
            for name, pixels in variants.items():
                yield f"{name}, {height} x {width} on {background}", pixels


def nothing():
    """Arrays that show nothing, or next to nothing, or that are none."""
    same_grey = np.full((30, 30, 3), 100, np.uint8)
    same_grey[5:25, 10:20] = (100, 81, 200)
    within_5_percent, above = np.full((2, 30, 30, 3), WHITE, np.uint8)
    within_5_percent[9, 9], above[9, 9] = (234, 249, 252), (233, 253, 255)  # 486 and 488
    transparent = np.zeros((30, 30, 4), np.uint8)
    empty = [np.zeros(shape, np.uint8) for shape in ((0, 5), (5, 0, 3), (0, 0, 4))]
    return [same_grey, within_5_percent, above, transparent, *empty]


def encoded(image, kind, **options):
    """The file of a Pillow image."""
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def png(pixels, size=None, interlaced=False):
    """A PNG of uint8 or big-endian uint16 [height, width, channels]; `size` is what it claims."""
    height, width = size or pixels.shape[:2]
    passes = [pixels[y::down, x::right] for y, x, down, right in ADAM7] if interlaced else [pixels]
    rows = (b"\0" + row.tobytes() for part in passes if part.size for row in part)
    bits, colour = 8 * pixels.itemsize, PNG_COLOURS[pixels.shape[2]]
    parts = [
        b"IHDR" + struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, interlaced),
        b"IDAT" + zlib.compress(b"".join(rows)),
        b"IEND",
    ]
    sizes_and_crcs = [struct.pack(">II", len(part) - 4, zlib.crc32(part)) for part in parts]
    chunks = zip(sizes_and_crcs, parts, strict=True)
    return b"\x89PNG\r\n\x1a\n" + b"".join(ends[:4] + part + ends[4:] for ends, part in chunks)


def turned(orientation):
    """EXIF that says how the camera was held, 1 to 8."""
    exif = Image.Exif()
    exif[274] = orientation
    return exif


def swapped_profile():
    """A profile in which red is green: whoever applies it changes every colour."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for old, new in ((b"rXYZ", b"????"), (b"gXYZ", b"rXYZ"), (b"????", b"gXYZ")):
        profile = profile.replace(old, new, 1)  # the first is in the table of tags
    return profile


def lossless():
    """Files whose pixels any decoder must agree on, by name; of alpha 0 or 255."""
    rng = np.random.default_rng(1)
    pixels = garment(rng, 60, 47, 235)
    alpha = cut_out(rng, pixels, soft=False)
    colour, transparent = Image.fromarray(pixels[..., :3]), Image.fromarray(alpha)
    palette, grey = colour.quantize(40), colour.convert("L")
    images = {"RGB": colour, "L": grey, "1": colour.convert("1"), "P": palette}
    files = {
        f"{kind} {mode}": encoded(images[mode], kind) for kind in ("PNG", "BMP") for mode in images
    }
    two_bands = cut_out(rng, garment(rng, 1100, 1000, 200), soft=False)
    files |= {f"GIF {mode}": encoded(images[mode], "GIF") for mode in ("L", "1", "P")}
    files |= {
        f"PNG, orientation {number}": encoded(colour, "PNG", exif=turned(number))
        for number in range(1, 9)
    }
    deep = rng.integers(0, 65536, (50, 40, 4)).astype(">u2")
    deep[..., 3] |= 0xFF00
    for channels in (1, 3, 4):
        files[f"PNG interlaced, {channels}"] = png(pixels[..., -channels:], interlaced=True)
    return files | {
        "PNG RGBA": encoded(transparent, "PNG"),
        "PNG LA": encoded(transparent.convert("LA"), "PNG"),
        "PNG P, transparent": encoded(palette, "PNG", transparency=palette.getpixel((0, 0))),
        "PNG L, transparent": encoded(grey, "PNG", transparency=grey.getpixel((0, 0))),
        "PNG of 16 bits, RGB": png(deep[..., :3]),
        "PNG of 16 bits, RGBA": png(deep),
        "PNG with a profile": encoded(colour, "PNG", icc_profile=swapped_profile()),
        "PNG of two bands": encoded(Image.fromarray(two_bands), "PNG"),
        "WebP RGB": encoded(colour, "WEBP", lossless=True),
        "WebP RGBA": encoded(transparent, "WEBP", lossless=True),
        "GIF, transparent": encoded(palette, "GIF", transparency=palette.getpixel((0, 0))),
        "GIF, animated": encoded(palette, "GIF", save_all=True, append_images=[grey.quantize(9)]),
        "an original": encoded(Image.fromarray(WHITE - pixels[:28, :28, 0]), "PNG"),
    }


def partly_transparent():
    """Every colour at every alpha, and a garment whose alpha is noise."""
    rng = np.random.default_rng(2)
    values = np.arange(256, dtype=np.uint8)
    colours, alphas = np.broadcast_arrays(values, values[:, np.newaxis])
    every = Image.fromarray(np.dstack([colours, WHITE - colours, colours // 2, alphas]))
    soft = Image.fromarray(cut_out(rng, garment(rng, 120, 90, 235), soft=True))
    return {
        f"{kind} {name}": encoded(image, kind, lossless=True, exact=True)
        for kind in ("PNG", "WEBP")
        for name, image in {"every": every, "soft": soft}.items()
    }


def lossy():
    """JPEG, and lossy WebP and AVIF."""
    rng = np.random.default_rng(3)
    pixels = garment(rng, 230, 171, 235)
    colour = Image.fromarray(pixels[..., :3])
    files = {
        f"JPEG {quality}, subsampling {subsampling}": encoded(
            colour, "JPEG", quality=quality, subsampling=subsampling
        )
        for quality in (50, 85, 95)
        for subsampling in (0, 1, 2)
    }
    files |= {
        f"JPEG, orientation {number}": encoded(colour, "JPEG", exif=turned(number))
        for number in range(1, 9)
    }
    return files | {
        "JPEG, progressive": encoded(colour, "JPEG", progressive=True),
        "JPEG, grey": encoded(colour.convert("L"), "JPEG"),
        "JPEG, CMYK": encoded(colour.convert("CMYK"), "JPEG"),
        "JPEG with a profile": encoded(colour, "JPEG", icc_profile=swapped_profile()),
        "JPEG, noise": encoded(
            Image.fromarray(rng.integers(0, 256, (99, 77, 3), np.uint8)), "JPEG"
        ),
        "WebP": encoded(colour, "WEBP"),
        "WebP, transparent": encoded(Image.fromarray(cut_out(rng, pixels, soft=True)), "WEBP"),
        "AVIF": encoded(colour, "AVIF"),
    }


def examples():
    """The images in `examples/`."""
    suffixes = {".jpg", ".png", ".webp"}
    paths = sorted(path for path in EXAMPLES.iterdir() if path.suffix in suffixes)
    return {path.name: path.read_bytes() for path in paths}


def deep_grey():
    """A greyscale PNG of 16 bits, of every value."""
    return png(np.arange(1 << 16).astype(">u2").reshape(256, 256, 1))
