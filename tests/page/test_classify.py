"""The page "Classify": images from every source, with the predictions of Python."""

import json
import struct
from base64 import b64decode, b64encode
from io import BytesIO

import numpy as np
import onnxruntime as ort
import pytest
from PIL import Image

from fashion_predict import Classifier
from tests.conftest import CLASSES, small_split
from tests.page.conftest import NAMES, change_data, hidden_width, percent

pytestmark = pytest.mark.slow

TIMEOUT = 60_000  # milliseconds
CELLS = 14  # of the occlusion map, along each edge
TRANSFER = """([name, bytes]) => {
    const transfer = new DataTransfer();
    const data = Uint8Array.from(atob(bytes), (char) => char.charCodeAt(0));
    if (name) transfer.items.add(new File([data], name, { type: "image/png" }));
    return transfer;
}"""
PASTE = """(transfer) => document.dispatchEvent(
    new ClipboardEvent("paste", { clipboardData: transfer }))"""


@pytest.fixture
def open_classify(open_page):
    """Open the page and wait until it accepts images."""

    def open_(**options):
        page = open_page("index.html", **options)
        page.set_default_timeout(TIMEOUT)
        page.locator("#examples button").first.wait_for()
        return page

    return open_


@pytest.fixture
def site_data(site):
    return json.loads((site.folder / "data/site.json").read_text("utf-8"))


def png(pixels):
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def bar(label):
    """An enlarged image of a class of the small dataset, on a light background."""
    images, labels = small_split(1, seed=7)
    image = 255 - images[labels == label][0]
    return png(np.pad(image.repeat(6, 0).repeat(6, 1), 12, constant_values=250))


def transfer(page, name="", data=b""):
    """What a drop or a paste brings; without a name, no file."""
    return page.evaluate_handle(TRANSFER, [name, b64encode(data).decode()])


def drop(page, content):
    page.dispatch_event("footer", "drop", {"dataTransfer": content})


def paste(page, content):
    page.evaluate(PASTE, content)


def choose(page, **files):
    """Choose files by their names without `.png`."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose images").click()
    mime = "application/octet-stream"
    chooser.value.set_files(
        [{"name": f"{name}.png", "mimeType": mime, "buffer": data} for name, data in files.items()]
    )


def verdict(page, name):
    """The heading of the card of an image, once it has a prediction."""
    page.locator("#prediction .file", has_text=name).wait_for()
    return page.locator("#prediction .verdict").inner_text()


def error(page):
    return page.locator("#prediction .error").inner_text()


def thumbnails(page):
    return page.locator("#thumbnails button")


def classifier(site, network):
    return Classifier.load(site.folder / f"models/{network}.onnx")


def expected_verdict(site, image, network):
    (prediction,) = classifier(site, network).predict(image)
    if prediction.label is None:
        return "none of the classes" if prediction.is_ood else "not sure"
    return f"{prediction.label} {percent(prediction.probabilities[prediction.label])}"


@pytest.mark.parametrize("add_image", [drop, paste])
def test_images_can_be_dropped_and_pasted(open_classify, add_image):
    page = open_classify()
    add_image(page, transfer(page))
    page.locator("#notice:not(:empty)").wait_for()
    add_image(page, transfer(page, "brought.png", bar(0)))
    verdict(page, "brought.png")
    assert page.locator("#notice").inner_text() == ""


def test_a_photo_is_classified_and_the_camera_stops(open_classify):
    page = open_classify()
    page.context.grant_permissions(["camera"])
    page.get_by_role("button", name="Take photo").click()
    page.locator("#take:focus").wait_for()
    track = page.evaluate_handle("document.getElementById('camera-view').srcObject.getTracks()[0]")
    assert track.evaluate("(track) => track.readyState") == "live"
    page.get_by_role("button", name="Take", exact=True).click()
    page.locator("#prediction .file", has_text="camera.png").wait_for()
    assert track.evaluate("(track) => track.readyState") == "ended"


def paper(page):
    url = page.locator("#paper").evaluate("(canvas) => canvas.toDataURL()")
    return np.asarray(Image.open(BytesIO(b64decode(url.split(",")[1]))).convert("RGB"))


def test_a_drawing_by_keyboard_is_classified(open_classify):
    page = open_classify()
    page.get_by_role("button", name="Draw image").focus()
    page.keyboard.press("Enter")
    page.locator("#paper:focus").wait_for()
    for key in ("Shift+ArrowLeft", "Space", "Shift+ArrowRight", "Space", "ArrowDown"):
        page.keyboard.press(key)
    assert "Pen up" in page.locator("#pen-position").inner_text()
    assert paper(page).min() == 0
    page.get_by_role("button", name="Classify").focus()
    page.keyboard.press("Enter")
    verdict(page, "drawing.png")
    assert page.evaluate("document.activeElement.id") == "open-drawing"


def test_another_network_predicts_all_images_again(open_classify, site, site_data):
    page = open_classify()
    choose(page, image0=bar(0), image1=bar(1))
    verdict(page, "image0.png")
    network = next(one for one in site_data["networks"] if one["name"] != "cnn")  # the default
    page.get_by_label("Network").select_option(network["name"])
    accuracy = percent(network["metrics"]["accuracy_without_tta"], 2)
    assert page.locator("#network p").inner_text().startswith(f"{accuracy} test accuracy")
    for image, label in (("image0", 0), ("image1", 1)):
        page.locator(f"#thumbnails button[title='{image}.png']").click()
        expected = expected_verdict(site, bar(label), network["name"])
        assert verdict(page, f"{image}.png, {network['name']}") == expected
    page.reload()
    page.locator("#examples button").first.wait_for()
    assert page.get_by_label("Network").input_value() == network["name"]


def test_a_network_of_other_data_predicts_without_results(open_classify, site):
    page = open_classify()
    assert "images like those of Others, choose other." in page.locator("#suitable").inner_text()
    choose(page, image=bar(1))
    page.get_by_label("Network").select_option("other")
    assert verdict(page, "image.png, other") == expected_verdict(site, bar(1), "other")
    assert page.locator("#network p").inner_text().startswith("For images like those of Others, ")
    assert page.locator("#about").inner_text() == "Trained on Others in 5 classes."
    assert page.get_by_role("heading", name="Most similar").count() == 0


def offer_clothing(site):
    """The networks of the project reject all images, and that of other data is `clothing`."""
    for network in site["networks"]:
        network["model"]["ood_threshold"] = -1
    site["other_networks"][0]["name"] = "clothing"


def test_a_rejected_image_is_offered_to_the_network_for_photographs(open_classify):
    page = open_classify()
    change_data(page, "site", offer_clothing)
    choose(page, image=bar(1))
    assert verdict(page, "image.png, cnn") == "none of the classes"
    button = page.get_by_role("button", name="Use the network clothing")
    button.click()
    verdict(page, "image.png, clothing")
    assert button.count() == 0
    assert page.get_by_label("Network").input_value() == "clothing"
    assert "Of other datasets: clothing (" in page.locator("footer").inner_text()


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"no image", "expected an image that this browser reads, received another file"),
        (png(np.full((60, 40), 255, np.uint8)), "nothing on a plain background"),
    ],
    ids=["text", "blank"],
)
def test_a_bad_file_gives_one_line_and_the_next_image_works(open_classify, data, line):
    page = open_classify()
    choose(page, bad=data)
    message = error(page)
    assert line in message
    page.locator("#status", has_text=f"bad.png: {message}").wait_for(state="attached")
    choose(page, good=bar(0))
    verdict(page, "good.png")


@pytest.mark.parametrize(
    "path", ["models/*", "runtime/ort-wasm-simd-threaded.wasm", "runtime/ort.wasm.min.mjs"]
)
def test_a_file_that_did_not_load_is_requested_again(open_classify, path):
    page = open_classify(expected="ERR_FAILED")
    page.route(f"**/{path}", lambda route: route.abort())
    choose(page, a=bar(0))
    assert error(page).startswith(path.rstrip("*"))
    assert error(page).endswith(": did not load; is this computer online?")
    page.unroute(f"**/{path}")
    choose(page, b=bar(0))
    verdict(page, "b.png")
    page.locator("#thumbnails button[title='a.png']").click()
    verdict(page, "a.png")


PREDICT = """async ([paths, withMap]) => {
    const module = (name) => import(new URL(`scripts/${name}`, document.baseURI).href);
    const { predict } = await module("classify/prediction.js");
    const { occlusion } = await module("inference/occlusion.js");
    const { networks } = await (await fetch("data/site.json")).json();
    const options = { signal: new AbortController().signal, onProgress: () => {} };
    const results = [];
    for (const network of networks) {
        for (const path of paths) {
            const blob = await (await fetch(path)).blob();
            const result = await predict(new File([blob], path), network);
            const { classifier, image, prediction } = result;
            const drops = withMap && (await occlusion(classifier, image, prediction, options));
            results.push({ network: network.name, path, image: [...image], drops, ...prediction });
        }
    }
    return results;
}"""


def test_predictions_equal_those_of_python(open_classify, site, site_data):
    for result in open_classify().evaluate(PREDICT, [site_data["examples"], False]):
        model = classifier(site, result["network"])
        image = model.preprocess(site.folder / result["path"])
        (python,) = model.predict_arrays(image[np.newaxis])
        session = ort.InferenceSession(site.folder / f"models/{result['network']}.onnx")
        (references,) = session.run(["reference_indices"], {"images": image[np.newaxis]})
        assert result["image"] == image.ravel().tolist()
        assert result["label"] == python.label
        assert (result["isOod"], result["isUncertain"]) == (python.is_ood, python.is_uncertain)
        assert model.classes[result["top1"]] == python.top1
        probabilities = dict(zip(model.classes, result["probabilities"], strict=True))
        assert probabilities == pytest.approx(python.probabilities, abs=1e-5)
        assert result["oodScore"] == pytest.approx(python.ood_score, abs=1e-5)
        assert result["referenceIndices"] == references[0].tolist()


def test_occlusion_maps_are_drops_of_the_probability(open_classify, site, site_data):
    path = site_data["examples"][0]
    result = open_classify().evaluate(PREDICT, [[path], True])[0]
    model = classifier(site, result["network"])
    image = model.preprocess(site.folder / path)
    covered = np.repeat(image[np.newaxis], CELLS**2, axis=0)
    starts = [int(np.floor((cell + 0.5) * 20 / CELLS - 2.5 + 0.5)) for cell in range(CELLS)]
    for cell, one in enumerate(covered):
        top, left = starts[cell // CELLS], starts[cell % CELLS]
        one[max(0, top) : top + 5, max(0, left) : left + 5] = 0
    whole, *rest = model.predict_arrays(np.concatenate([image[np.newaxis], covered]))
    drops = [whole.probabilities[whole.top1] - one.probabilities[whole.top1] for one in rest]
    assert result["drops"]["values"] == pytest.approx(drops, abs=1e-5)


LARGE_MAP = """async ([height, width]) => {
    const url = new URL("scripts/inference/occlusion.js", document.baseURI).href;
    const { occlusion } = await import(url);
    const model = { image_shape: [height, width, 3], preprocessing: "pad" };
    const image = new Uint8Array(height * width * 3).map((_, i) => i % 2 ? 255 : 0); // mean 128
    const covered = new Set();
    const predict = async (images, count) => {
        images.forEach((value, i) => value === 128 && covered.add(i % image.length));
        return Array(count).fill({ probabilities: [0.25] });
    };
    const options = { signal: new AbortController().signal, onProgress: () => {} };
    const whole = { top1: 0, probabilities: [1] };
    const drops = await occlusion({ model, predict }, image, whole, options);
    return [drops, covered.size];
}"""


def test_occlusion_maps_of_large_images_have_fewer_cells_without_gaps(open_classify):
    drops, covered = open_classify().evaluate(LARGE_MAP, [90, 60])
    assert drops == {"values": [0.75] * 25, "rows": 5, "columns": 5}
    assert covered == 90 * 60 * 3


LABELS = """async (cases) => {
    const url = new URL("scripts/inference/classifier.js", document.baseURI).href;
    const { Classifier } = await import(url);
    const model = { classes: ["a", "b"], image_shape: [1, 1], ood_threshold: 0.1,
        min_confidence: 0.7 };
    return Promise.all(cases.map(async ([probability, score]) => {
        const session = { run: async () => ({
            probabilities: { data: Float32Array.of(probability, 1 - probability) },
            ood_score: { data: Float32Array.of(score) },
            reference_indices: { data: BigInt64Array.of(3n, 1n) },
        }) };
        const classifier = new Classifier(model, session, { Tensor: class {} });
        const [{ label, isOod, isUncertain }] = await classifier.predict(new Uint8Array(1));
        return [label, isOod, isUncertain];
    }));
}"""


def test_thresholds_are_compared_in_float32(open_classify):
    above = struct.unpack("<f", struct.pack("<I", 0x3DCCCCCE))[0]  # the next above float32(0.1)
    expected = {
        (0.7, 0.1): ["a", False, False],
        (0.25, 0.1): ["b", False, False],
        (0.69, 0.0): [None, False, True],
        (1.0, above): [None, True, False],
        (0.5, above): [None, True, True],
    }
    results = open_classify().evaluate(LABELS, list(expected))
    assert dict(zip(expected, results, strict=True)) == expected


def test_the_card_shows_the_evidence(open_classify, site):
    page = open_classify()
    model = classifier(site, "cnn")
    references = json.loads((site.folder / "data/reference_images.json").read_text("utf-8"))
    choose(page, image=bar(1))
    verdict(page, "image.png")
    (prediction,) = model.predict(bar(1))
    card = page.locator("#prediction")
    card.locator(".heatmap").wait_for()
    card.locator(".nearest li").first.wait_for()
    shown = dict(text.split("\n") for text in card.locator(".bars li").all_inner_texts())
    assert shown == {name: percent(p) for name, p in prediction.probabilities.items()}
    assert next(iter(shown)) == prediction.top1
    assert f"{prediction.ood_score:.3f}: how far" in card.inner_text()
    assert f"the probability of {prediction.top1} by" in card.locator(".legend p").inner_text()
    image = model.preprocess(bar(1))
    pixels = page.get_by_role("img", name="The preprocessed image").evaluate(
        "(canvas) => [...canvas.getContext('2d').getImageData(0, 0, 20, 20).data]"
    )
    assert pixels[::4] == image.ravel().tolist()
    session = ort.InferenceSession(site.folder / f"models/{model.name}.onnx")
    (indices,) = session.run(["reference_indices"], {"images": image[np.newaxis]})
    labels = [references["labels"][references["indices"].index(index)] for index in indices[0]]
    assert card.locator(".nearest li").all_inner_texts() == [CLASSES[label] for label in labels]


def rename(site):
    """Give classes and networks long names in any script."""
    site["dataset"]["classes"] = NAMES
    for network in site["networks"]:
        network["model"]["classes"] = NAMES
        network["name"] = 5 * network["name"] + "_" * 40


def states(page):
    """Bring the page into one state after the other, and name it."""
    yield "empty"
    choose(page, **{"long name " * 20 + str(label): bar(label) for label in range(2)})
    page.locator("#prediction .heatmap").wait_for()
    page.locator("#prediction .nearest").wait_for()
    yield "prediction"
    choose(page, notes=b"no image")
    page.locator("#prediction .error").wait_for()
    yield "error"
    page.context.grant_permissions(["camera"])
    page.get_by_role("button", name="Take photo").click()
    page.locator("#take:focus").wait_for()
    yield "camera"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Draw image").click()
    yield "drawing"


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_state_is_accessible_and_does_not_scroll_sideways(open_classify, axe, width, scheme):
    page = open_classify(width=width, scheme=scheme)
    change_data(page, "site", rename)
    for state in states(page):
        assert (state, axe(page), hidden_width(page)) == (state, [], 0)
    assert page.locator("main b").count() == 0
