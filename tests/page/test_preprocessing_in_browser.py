"""The preprocessing in JavaScript gives the pixels of that in Python.

Files are decoded by the browser for one, by Pillow for the other.
"""

from itertools import cycle, product

import numpy as np
import pytest

from fashion_predict import ImageError
from fashion_predict.images.reading import read_image
from fashion_predict.images.resizing import PREPROCESSING
from tests.conftest import ROOT
from tests.page import cases
from tools.page.screenshots import serve

pytestmark = pytest.mark.slow

SHAPES = ((28, 28), (20, 20), (13, 31), (31, 13), (1, 1), (2, 7), (64, 48))
OTHER_FILE = "expected an image that this browser reads, received another file"
BROKEN = "broken, cut off or too large for this browser"
PREPROCESS = """async (jobs) => {
  const { preprocess } = await import("/scripts/inference/preprocess.js");
  const { decode } = await import("/scripts/inference/images.js");
  const images = await (await fetch("/images", { cache: "no-store" })).arrayBuffer();
  const run = async ({ start, bytes, size, model }) => {
    const data = new Uint8Array(images, start, bytes);
    const file = new Blob([data], { type: "image/svg+xml" }); // a wrong type must not matter
    const pixels = size ? { data, ...size } : await decode(file);
    return Array.from(preprocess(pixels, model), (byte) => String.fromCharCode(byte)).join("");
  };
  const results = [];
  for (const job of jobs) results.push(await run(job).catch((error) => ({ error: `${error}` })));
  return results;
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The files of the page, as links; the tests add the file `images`."""
    folder = tmp_path_factory.mktemp("page")
    for path in (ROOT / "page").iterdir():
        (folder / path.name).symlink_to(path)
    return folder


@pytest.fixture(scope="module")
def page(browser, folder):
    with serve(folder) as address:
        page = browser.new_page()
        page.goto(f"{address}index.html")  # for its content security policy
        yield page
        page.close()


@pytest.fixture
def in_browser(page, folder):
    """A function from jobs (image, preprocessing, shape) to arrays, or texts of errors.

    An image is an array or the bytes of a file.
    """

    def run(jobs):
        described, start = [], 0
        with (folder / "images").open("wb") as stream:
            for image, preprocessing, shape in jobs:
                data = image if isinstance(image, bytes) else image.tobytes()
                stream.write(data)
                model = {"preprocessing": preprocessing, "image_shape": shape}
                job = {"start": start, "bytes": len(data), "size": size(image), "model": model}
                described.append(job)
                start += len(data)
        results = page.evaluate(PREPROCESS, described)
        return [to_array(result, job[2]) for result, job in zip(results, jobs, strict=True)]

    return run


def size(image):
    if isinstance(image, bytes):
        return None
    height, width, *channels = image.shape
    return {"height": height, "width": width, "channels": channels[0] if channels else 1}


def to_array(result, shape):
    if isinstance(result, dict):
        return result["error"]
    return np.frombuffer(result.encode("latin-1"), np.uint8).reshape(shape)


def in_python(image, preprocessing, shape):
    try:
        return PREPROCESSING[preprocessing](read_image(image), shape)
    except ImageError as error:
        return f"ImageError: {error}"


def assert_equal(jobs, in_browser):
    """Compare the results of named jobs, which are arrays or texts of errors."""
    results = zip(jobs.items(), in_browser(list(jobs.values())), strict=True)
    different = [
        name for (name, job), result in results if not np.array_equal(in_python(*job), result)
    ]
    assert different == []


def test_arrays_give_equal_pixels(in_browser):
    white = np.full((4300, 4300), 255, np.uint8)
    jobs = {"a sum above 32 bits": (white, "crop", (1, 1))}
    shapes, channels = cycle(SHAPES), cycle([(), (3,)])
    for name, pixels in cases.arrays():
        shape, last_axis = next(shapes), next(channels)
        jobs |= {
            f"{name}, fashion_mnist": (pixels, "fashion_mnist", shape),
            f"{name}, fashion_mnist, own size": (pixels, "fashion_mnist", pixels.shape[:2]),
            f"{name}, crop": (pixels, "crop", (*shape, *last_axis)),
            f"{name}, pad": (pixels, "pad", (*shape, *last_axis)),
        }
    assert_equal(jobs, in_browser)


@pytest.mark.parametrize("make", [cases.lossless, cases.partly_transparent, cases.lossy])
def test_files_give_equal_pixels(in_browser, make):
    jobs = {}
    for name, file in make().items():
        jobs |= {f"{name}, {kind}": (file, kind, (28, 28)) for kind in PREPROCESSING}
        own_size = (*read_image(file).shape[:2], 3)
        jobs[f"{name}, own size"] = (file, "crop", own_size)
    assert_equal(jobs, in_browser)


def test_blank_images_give_equal_messages(in_browser):
    images = product(enumerate(cases.blank()), PREPROCESSING)
    jobs = {f"{n}, {kind}": (pixels, kind, (28, 28)) for (n, pixels), kind in images}
    assert_equal(jobs, in_browser)


def test_bad_files_give_one_line(in_browser):
    pixels, files = np.zeros((3, 3, 1), np.uint8), cases.lossless() | cases.lossy()
    expected = {
        "empty": (b"", "expected an image, received an empty file"),
        "text": (b"a shoe\n", OTHER_FILE),
        "SVG": (b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", OTHER_FILE),
        "large": (cases.png(pixels, (9000, 9000)), "9,000 x 9,000 pixels; reduce it"),
        "wide": (cases.png(pixels, (3, 40_000)), "40,000 x 3 pixels; reduce it"),
        "claims more": (cases.png(pixels, (300, 300)), BROKEN),
    }
    for name in ("PNG RGB", "BMP RGB", "GIF P", "WebP RGB", "JPEG 85, subsampling 2", "WebP"):
        for percent in (50, 97):
            file = files[name][: len(files[name]) * percent // 100]
            expected[f"{name}, {percent} %"] = (file, BROKEN)
    results = in_browser([(file, "crop", (9, 9)) for file, _ in expected.values()])
    messages = {name: f"ImageError: {text}" for name, (_, text) in expected.items()}
    assert dict(zip(expected, results, strict=True)) == messages
