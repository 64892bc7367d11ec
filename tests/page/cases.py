"""Images to compare preprocessing with: arrays and files, from fixed seeds."""

import io
import struct
import zlib

import numpy as np
from PIL import Image, ImageCms

SIZES = (
    *((1, 1), (1, 2), (2, 1), (1, 300), (300, 1), (2, 150), (147, 3), (28, 28), (20, 20)),
    *((13, 31), (31, 13), (29, 28), (30, 40), (73, 51), (74, 74), (146, 100), (100, 147)),
    *((292, 90), (90, 293), (200, 150), (333, 222)),
)
BACKGROUNDS = (0, 20, 100, 127, 128, 180, 235, 255)
WHITE = 255
PNG_COLOUR_TYPES = {1: 0, 3: 2, 4: 6}  # by the number of channels


def garment(rng, height, width, background):
    """Boxes of random colours on a plain background, in opaque RGBA."""
    image = np.full((height, width, 4), background)
    for _ in range(3):
        (top, bottom), (left, right) = np.sort(rng.integers(0, (height + 1, width + 1), (2, 2)).T)
        image[top:bottom, left:right] = rng.integers(0, 256, 4)
    image = (image + rng.integers(0, 9, image.shape)).clip(0, WHITE).astype(np.uint8)
    image[..., 3] = WHITE
    return image


def with_alpha(rng, image, soft):
    """`image` with alpha of 0 and 255 or, if `soft`, of all values."""
    alpha = rng.integers(0, 256, image.shape[:2]) if soft else rng.choice([0, WHITE], 9)
    image = image.copy()
    image[..., 3] = alpha if soft else np.resize(np.repeat(alpha, 5), image.shape[:2])
    return image


def arrays():
    """Images of every size, number of channels and background, by name."""
    rng = np.random.default_rng(0)
    for height, width in SIZES:
        for background in rng.choice(BACKGROUNDS, 3, replace=False):
            image = garment(rng, height, width, background)
            grey = image[..., [0, 0, 0, 3]]
            variants = {
                "grey": image[..., 0],
                "negative": WHITE - image[..., 0],
                "RGB": image[..., :3],
                "RGBA": image,
                "grey RGBA": grey,
                "grey RGBA, alpha 254": grey - np.array([0, 0, 0, 1], np.uint8),
                "hard alpha": with_alpha(rng, image, soft=False),
                "soft alpha": with_alpha(rng, image, soft=True),
                "noise": rng.integers(0, 256, image.shape, dtype=np.uint8),
                "blank": np.full_like(image[..., :3], background),
            }
            for name, pixels in variants.items():
                yield f"{name}, {height} x {width} on {background}", pixels


def blank():
    """Images that show nothing, next to nothing, or have no pixels."""
    same_grey = np.full((30, 30, 3), 100, np.uint8)
    same_grey[5:25, 10:20] = (100, 81, 200)
    below, above = np.full((2, 30, 30, 3), WHITE, np.uint8)
    below[9, 9], above[9, 9] = (234, 249, 252), (233, 253, 255)  # squared distance 486 and 488
    transparent = np.zeros((30, 30, 4), np.uint8)
    empty = [np.zeros(shape, np.uint8) for shape in ((0, 5), (5, 0, 3), (0, 0, 4))]
    return [same_grey, below, above, transparent, *empty]


def encode(image, file_format, **options):
    stream = io.BytesIO()
    image.save(stream, file_format, **options)
    return stream.getvalue()


def png(pixels, size=None):
    """A PNG of uint8 or big-endian uint16 [height, width, channels]; `size` is what it claims."""
    height, width = size or pixels.shape[:2]
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    bits, colour = 8 * pixels.itemsize, PNG_COLOUR_TYPES[pixels.shape[2]]
    chunks = (
        b"IHDR" + struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0),
        b"IDAT" + zlib.compress(rows),
        b"IEND",
    )
    frames = (
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        for chunk in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(frames)


def orientation(number):
    exif = Image.Exif()
    exif[274] = number
    return exif


def swapped_profile():
    """A colour profile with red and green swapped, so that applying it changes every colour."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for old, new in ((b"rXYZ", b"????"), (b"gXYZ", b"rXYZ"), (b"????", b"gXYZ")):
        profile = profile.replace(old, new, 1)  # the first one is in the table of tags
    return profile


def lossless():
    """Files that all decoders decode to the same pixels, with alpha 0 or 255."""
    rng = np.random.default_rng(1)
    pixels = garment(rng, 60, 47, 235)
    colour, cut_out = (
        Image.fromarray(p) for p in (pixels[..., :3], with_alpha(rng, pixels, False))
    )
    palette, grey = colour.quantize(40), colour.convert("L")
    modes = {"RGB": colour, "L": grey, "1": colour.convert("1"), "P": palette}
    two_bands = with_alpha(rng, garment(rng, 1100, 1000, 200), soft=False)
    deep = rng.integers(0, 65536, (50, 40, 4)).astype(">u2")
    deep[..., 3] |= 0xFF00
    files = {f"{f} {mode}": encode(modes[mode], f) for f in ("PNG", "BMP", "GIF") for mode in modes}
    for number in range(1, 9):
        files[f"PNG, orientation {number}"] = encode(colour, "PNG", exif=orientation(number))
    return files | {
        "PNG RGBA": encode(cut_out, "PNG"),
        "PNG LA": encode(cut_out.convert("LA"), "PNG"),
        "PNG P, transparent": encode(palette, "PNG", transparency=palette.getpixel((0, 0))),
        "PNG L, transparent": encode(grey, "PNG", transparency=grey.getpixel((0, 0))),
        "PNG 16 bits, RGB": png(deep[..., :3]),
        "PNG 16 bits, RGBA": png(deep),
        "PNG with a profile": encode(colour, "PNG", icc_profile=swapped_profile()),
        "PNG of two bands": encode(Image.fromarray(two_bands), "PNG"),
        "WebP RGB": encode(colour, "WEBP", lossless=True),
        "WebP RGBA": encode(cut_out, "WEBP", lossless=True),
        "GIF, transparent": encode(palette, "GIF", transparency=palette.getpixel((0, 0))),
        "GIF, animated": encode(palette, "GIF", save_all=True, append_images=[grey.quantize(9)]),
        "an original": encode(Image.fromarray(WHITE - pixels[:28, :28, 0]), "PNG"),
    }


def partly_transparent():
    """All colours at all alpha values, and a garment with random alpha."""
    rng = np.random.default_rng(2)
    values = np.arange(256, dtype=np.uint8)
    colours, alphas = np.broadcast_arrays(values, values[:, np.newaxis])
    every = Image.fromarray(np.dstack([colours, WHITE - colours, colours // 2, alphas]))
    soft = Image.fromarray(with_alpha(rng, garment(rng, 120, 90, 235), soft=True))
    return {
        f"{file_format} {name}": encode(image, file_format, lossless=True, exact=True)
        for file_format in ("PNG", "WEBP")
        for name, image in {"every": every, "soft": soft}.items()
    }


def lossy():
    rng = np.random.default_rng(3)
    pixels = garment(rng, 230, 171, 235)
    colour = Image.fromarray(pixels[..., :3])
    files = {
        f"JPEG {quality}, subsampling {subsampling}": encode(
            colour, "JPEG", quality=quality, subsampling=subsampling
        )
        for quality in (50, 85, 95)
        for subsampling in (0, 1, 2)
    }
    for number in range(1, 9):
        files[f"JPEG, orientation {number}"] = encode(colour, "JPEG", exif=orientation(number))
    return files | {
        "JPEG, progressive": encode(colour, "JPEG", progressive=True),
        "JPEG, grey": encode(colour.convert("L"), "JPEG"),
        "JPEG, CMYK": encode(colour.convert("CMYK"), "JPEG"),
        "JPEG with a profile": encode(colour, "JPEG", icc_profile=swapped_profile()),
        "WebP": encode(colour, "WEBP"),
        "WebP, transparent": encode(Image.fromarray(with_alpha(rng, pixels, soft=True)), "WEBP"),
        "AVIF": encode(colour, "AVIF"),
    }
