"""The preprocessing in JavaScript, compared with that in Python in a real browser.

Arrays go to both; files are decoded by the browser for one, by Pillow for the other. All pixels are
equal but where a test says how far they are apart.
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

KINDS = ("lossless", "partly_transparent", "lossy", "examples")  # of files
SHAPES = ((28, 28), (20, 20), (13, 31), (31, 13), (1, 1), (2, 7), (64, 48))
ANOTHER = "expected an image that this browser reads, received another file"
BROKEN = "broken, cut off or too large for this browser"
PREPARE = """async (jobs) => {
  const { prepare } = await import("/scripts/inference/preprocess.js");
  const { decode } = await import("/scripts/inference/images.js");
  const images = await (await fetch("/images", { cache: "no-store" })).arrayBuffer();
  const prediction = async ({ start, bytes, size, model }) => {
    const data = new Uint8Array(images, start, bytes);
    const file = new Blob([data], { type: "image/svg+xml" }); // a wrong type must not matter
    const pixels = size ? { data, ...size } : await decode(file);
    return Array.from(prepare(pixels, model), (byte) => String.fromCharCode(byte)).join("");
  };
  const predictions = [];
  for (const job of jobs) {
    predictions.push(await prediction(job).catch((error) => ({ error: String(error) })));
  }
  return predictions;
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The files of the page, as links, and room for `images`."""
    folder = tmp_path_factory.mktemp("page")
    for path in (ROOT / "page").iterdir():
        (folder / path.name).symlink_to(path)
    return folder


@pytest.fixture(scope="module")
def page(browser, folder):
    """The first page of the site, for its content security policy; its own scripts find no data."""
    with serve(folder) as address:
        page = browser.new_page()
        page.goto(f"{address}index.html")
        yield page
        page.close()


@pytest.fixture
def in_browser(page, folder):
    """Prepare images (arrays or bytes) in the browser: arrays of uint8, or texts of errors."""

    def run(images):
        jobs, start = [], 0
        with (folder / "images").open("wb") as stream:
            for image, preprocessing, shape in images:
                data = image if isinstance(image, bytes) else image.tobytes()
                stream.write(data)
                model = {"preprocessing": preprocessing, "image_shape": shape}
                job = {"start": start, "bytes": len(data), "size": size(image), "model": model}
                jobs.append(job)
                start += len(data)
        predictions = page.evaluate(PREPARE, jobs)
        shapes = [shape for _, _, shape in images]
        return [as_array(*both) for both in zip(predictions, shapes, strict=True)]

    return run


def size(image):
    if isinstance(image, bytes):
        return None
    height, width, *channels = image.shape
    return {"height": height, "width": width, "channels": channels[0] if channels else 1}


def as_array(prediction, shape):
    if isinstance(prediction, dict):
        return prediction["error"]
    return np.frombuffer(prediction.encode("latin-1"), np.uint8).reshape(shape)


def in_python(image, preprocessing, shape):
    try:
        return PREPROCESSING[preprocessing](read_image(image), shape)
    except ImageError as error:
        return f"ImageError: {error}"


def differences(named, in_browser):
    """Which of the named images are not prepared the same in both, and how they differ."""
    found = in_browser(list(named.values()))
    return [
        f"{name}: {described(expected, prediction)}"
        for (name, job), prediction in zip(named.items(), found, strict=True)
        for expected in [in_python(*job)]
        if not np.array_equal(expected, prediction)
    ]


def described(expected, prediction):
    if isinstance(expected, str) or isinstance(prediction, str):
        return f"expected {expected}, received {prediction}"
    return f"by up to {np.abs(expected.astype(int) - prediction).max()}"


def jobs_of_arrays():
    """Every array in every preprocessing, of shapes in turn, and of its own size."""
    jobs, shapes, colours = {}, cycle(SHAPES), cycle([(), (3,)])
    for name, pixels in cases.arrays():
        shape, colour = next(shapes), next(colours)
        jobs |= {
            f"{name}, published": (pixels, "fashion_mnist", shape),
            f"{name}, published, own size": (pixels, "fashion_mnist", pixels.shape[:2]),
            f"{name}, crop": (pixels, "crop", (*shape, *colour)),
            f"{name}, pad": (pixels, "pad", (*shape, *colour)),
        }
    return jobs


def jobs_of_files(files):
    """Every file in every preprocessing, and as it is, on white."""
    jobs = {
        f"{name}, {preprocessing}": (file, preprocessing, (28, 28))
        for (name, file), preprocessing in product(files.items(), PREPROCESSING)
    }
    as_it_is = {f"{name}, as it is": (file, "crop", whole(file)) for name, file in files.items()}
    return jobs | as_it_is


def whole(file):
    return (*read_image(file).shape[:2], 3)


def test_arrays_are_prepared_as_in_python(in_browser):
    jobs = jobs_of_arrays()
    assert differences(jobs, in_browser) == []
    print(f"{len(jobs):,} cases of {len(jobs) // 4} arrays are equal to the last pixel")


def test_the_arrays_hold_originals_and_plain_grounds():
    published = [job for job in jobs_of_arrays().values() if job[1] == "fashion_mnist"]
    predictions = [(job[0], in_python(*job)) for job in published]
    refused = sum(isinstance(prediction, str) for _, prediction in predictions)
    originals = sum(np.array_equal(pixels, prediction) for pixels, prediction in predictions)
    assert refused > 100
    assert originals > 20


def test_what_shows_nothing_is_refused_in_the_same_words(in_browser):
    jobs = {
        f"{number}, {preprocessing}": (pixels, preprocessing, (28, 28))
        for (number, pixels), preprocessing in product(enumerate(cases.nothing()), PREPROCESSING)
    }
    assert differences(jobs, in_browser) == []


def test_sums_above_32_bits_are_exact(in_browser):
    pixels = np.full((4300, 4300), 255, np.uint8)
    assert differences({"one mean": (pixels, "crop", (1, 1))}, in_browser) == []


@pytest.mark.parametrize("kind", KINDS)
def test_files_are_decoded_and_prepared_as_in_python(in_browser, kind):
    jobs = jobs_of_files(getattr(cases, kind)())
    assert differences(jobs, in_browser) == []
    print(f"{len(jobs):,} cases of {len(jobs) // 4} {kind} files are equal to the last pixel")


def test_the_documentation_says_how_many_cases_there_are():
    files = sum(len(jobs_of_files(getattr(cases, kind)())) for kind in KINDS)
    said = f"{len(jobs_of_arrays()):,} cases of arrays and {files:,} of files"
    assert said in " ".join((ROOT / "docs/predict.md").read_text("utf-8").split())


def test_grey_of_16_bits_differs_by_1_at_most(in_browser):
    """A browser cuts it off, Pillow's is rounded."""
    file = cases.deep_grey()
    (pixels,) = in_browser([(file, "crop", (256, 256))])
    assert np.abs(pixels.astype(int) - read_image(file)).max() == 1


def cut_off():
    """Files that end too early, at several places."""
    files = cases.lossless() | cases.lossy()
    for name in ("PNG RGB", "BMP RGB", "GIF P", "WebP RGB", "JPEG 85, subsampling 2", "WebP"):
        for percent in (50, 80, 97):
            yield f"{name}, {percent} %", files[name][: len(files[name]) * percent // 100]


def test_bad_files_are_refused_in_one_line(in_browser):
    pixels = np.zeros((3, 3, 1), np.uint8)
    expected = {
        "empty": (b"", "expected an image, received an empty file"),
        "noise": (bytes(range(256)), ANOTHER),
        "text": (b"a shoe\n", ANOTHER),
        "SVG": (b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", ANOTHER),
        "PDF": (b"%PDF-1.7\n", ANOTHER),
        "large": (cases.png(pixels, (9000, 9000)), "9,000 x 9,000 pixels; reduce it"),
        "wide": (cases.png(pixels, (3, 40_000)), "40,000 x 3 pixels; reduce it"),
        "claims more": (cases.png(pixels, (300, 300)), BROKEN),
    } | {name: (file, BROKEN) for name, file in cut_off()}
    predictions = in_browser([(file, "crop", (9, 9)) for file, _ in expected.values()])
    found = dict(zip(expected, predictions, strict=True))
    assert found == {name: f"ImageError: {text}" for name, (_, text) in expected.items()}


def test_a_file_of_more_than_500_million_bytes_is_not_opened(page):
    error = page.evaluate("""async () => {
      const { decode } = await import("/scripts/inference/images.js");
      return decode({ size: 500_000_001 }).catch(String);
    }""")
    assert error == "ImageError: larger than 500,000,000 bytes; reduce it"


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3)])
def test_an_image_is_painted_pixel_for_pixel(page, shape):
    image = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    painted = page.evaluate(
        """async ([bytes, shape]) => {
      const { toCanvas } = await import("/scripts/inference/images.js");
      const canvas = document.createElement("canvas");
      toCanvas(new Uint8Array(bytes), shape, canvas);
      const { width, height } = canvas;
      return [height, width, ...canvas.getContext("2d").getImageData(0, 0, width, height).data];
    }""",
        [image.ravel().tolist(), shape],
    )
    expected = np.full((5, 7, 4), 255)
    expected[..., :3] = image.reshape(5, 7, -1)
    assert painted == [5, 7, *expected.ravel()]
