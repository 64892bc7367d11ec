"""The page "Classify" in a browser: images come in by every way, predictions equal Python's."""

import json
import struct
from base64 import b64decode, b64encode
from io import BytesIO

import numpy as np
import onnxruntime as ort
import pytest
from PIL import Image

from fashion_predict.classifier import OOD, UNCERTAIN, Classifier
from tests.conftest import CLASSES, ROOT, small_split
from tools.page import build
from tools.page.screenshots import serve

pytestmark = pytest.mark.slow

SECONDS = 60_000  # in milliseconds; generous, as nothing here is timed
TRANSFER = """([name, type, bytes]) => {
    const transfer = new DataTransfer();
    const data = Uint8Array.from(atob(bytes), (char) => char.charCodeAt(0));
    transfer.items.add(new File([data], name, { type }));
    return transfer;
}"""


PASTE = """(transfer) => document.dispatchEvent(
    new ClipboardEvent("paste", { clipboardData: transfer }))"""


@pytest.fixture
def open_classify(open_page):
    """The page, ready for images."""

    def open_(**options):
        page = open_page("index.html", **options)
        page.set_default_timeout(SECONDS)
        page.locator("#examples button").first.wait_for()
        return page

    return open_


def png(pixels):
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def bar(label, seed=7):
    """An enlarged image of a class of the small data set, on a light background."""
    images, labels = small_split(1, seed)
    image = 255 - images[labels == label][0]
    return png(np.pad(image.repeat(6, 0).repeat(6, 1), 12, constant_values=250))


def transfer(page, name, data):
    """What a drop or a paste of an image brings."""
    return page.evaluate_handle(TRANSFER, [name, "image/png", b64encode(data).decode()])


def upload(name, data):
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def choose(page, *files):
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose images").click()
    chooser.value.set_files([upload(*file) for file in files])


def prediction(page, name):
    """What the card says of the image `name`, once it has an prediction."""
    page.locator("#prediction .file", has_text=name).wait_for()
    return page.locator("#prediction .verdict").inner_text()


def error(page):
    return page.locator("#prediction .error").inner_text()


def classifier(site, network="cnn"):
    return Classifier.load(site.folder / f"models/{network}.onnx")


def expected(site, image, network="cnn"):
    """The heading of the card for an image, from Python."""
    said = classifier(site, network).predict(image)[0]
    none = said.label in {OOD, UNCERTAIN}
    return said.label if none else f"{said.label} {percent(said.probability)}"


def percent(fraction, digits=1):
    """With a no-break space, as no line should begin with the sign."""
    return f"{100 * fraction:.{digits}f}\N{NO-BREAK SPACE}%"


def first_network(page):
    return read_site(page)["networks"][0]["name"]


def read_site(page):
    return page.evaluate("fetch('data/site.json').then((site) => site.json())")


def test_nothing_of_the_model_is_loaded_before_the_first_image(open_classify):
    page = open_classify()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    loaded = page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
    page.mouse.move(200, 300)
    page.get_by_role("button", name="Draw one").click()
    page.get_by_role("button", name="Cancel").click()
    late = ("/models/", "/runtime/", "/data/train.json", "/images/")
    assert [url for url in loaded + asked if any(part in url for part in late)] == []
    page.locator("#examples button").first.click()
    page.locator("#prediction .neighbours").wait_for()
    assert all(any(part in url for url in asked) for part in late)


def test_the_page_reads_without_scripts(browser, site):
    page = browser.new_page(java_script_enabled=False)
    page.goto(site.url)
    assert "Images stay on this machine" in page.locator("main").inner_text()
    assert "JavaScript, which is switched off" in page.locator("main").inner_text()
    page.close()


def test_it_works_below_another_path(browser, site):
    with serve(site.folder.parent) as address:
        page = browser.new_page()
        page.goto(f"{address}{site.folder.name}/index.html")
        page.locator("#examples button").first.click()
        page.locator("#prediction .verdict").wait_for(timeout=SECONDS)
        page.close()


def test_a_chosen_image_is_answered_as_in_python(open_classify, site):
    page = open_classify()
    image = bar(2)
    choose(page, ("bar.png", image))
    assert prediction(page, "bar.png") == expected(site, image, first_network(page))


def test_of_several_images_each_is_answered_and_the_first_shown(open_classify):
    page = open_classify()
    choose(page, *((f"{label}.png", bar(label)) for label in range(3)), ("text.png", b"text"))
    prediction(page, "0.png")
    thumbnails = page.locator("#thumbnails button")
    page.get_by_text("no prediction", exact=True).wait_for()  # the last in the queue
    assert thumbnails.count() == 4
    assert "…" not in thumbnails.all_inner_texts()
    assert page.locator("#prediction .file").inner_text().startswith("0.png")


def test_a_dropped_image_is_answered(open_classify):
    page = open_classify()
    dropped = {"dataTransfer": transfer(page, "dropped.png", bar(0))}
    page.dispatch_event("footer", "dragover", dropped)
    assert page.locator("body.dropping").count() == 1
    page.dispatch_event("footer", "drop", dropped)
    prediction(page, "dropped.png")
    assert page.locator("body.dropping").count() == 0


def test_a_pasted_image_is_answered_and_pasted_text_is_not(open_classify):
    page = open_classify()
    page.evaluate(PASTE, page.evaluate_handle("new DataTransfer()"))
    page.locator("#notice", has_text="No image on the clipboard.").wait_for()
    page.evaluate(PASTE, transfer(page, "pasted.png", bar(0)))
    prediction(page, "pasted.png")
    assert page.locator("#notice").inner_text() == ""


def test_what_is_dropped_without_a_image_does_not_leave_the_page(open_classify):
    page = open_classify()
    prevented = """() => !document.body.dispatchEvent(new DragEvent("drop",
        { dataTransfer: new DataTransfer(), bubbles: true, cancelable: true }))"""
    assert page.evaluate(prevented)
    page.locator("#notice", has_text="That was no image.").wait_for()


def test_nothing_is_taken_from_outside_while_a_dialog_is_open(open_classify):
    page = open_classify()
    page.get_by_role("button", name="Draw one").click()
    dropped = {"dataTransfer": transfer(page, "dropped.png", bar(0))}
    page.dispatch_event("footer", "dragover", dropped)
    assert page.locator("body.dropping").count() == 0
    page.dispatch_event("footer", "drop", dropped)
    page.evaluate(PASTE, transfer(page, "pasted.png", bar(0)))
    page.keyboard.press("Escape")
    choose(page, ("a.png", bar(0)))
    prediction(page, "a.png")
    assert page.locator("#thumbnails button").count() == 1


def test_what_is_said_twice_is_spoken_twice(open_classify):
    page = open_classify()
    page.evaluate("""() => {
        window.said = [];
        const notice = document.getElementById("notice");
        new MutationObserver(() => window.said.push(notice.textContent))
            .observe(notice, { childList: true });
    }""")
    for times in (1, 2):
        page.evaluate(PASTE, page.evaluate_handle("new DataTransfer()"))
        page.wait_for_function(f"() => window.said.filter(Boolean).length === {times}")
    line = "No image on the clipboard."
    assert page.evaluate("window.said") == [line, "", line]


def test_a_image_taken_with_the_camera_is_answered_and_the_camera_is_let_go(open_classify):
    page = open_classify()
    page.context.grant_permissions(["camera"])
    page.get_by_role("button", name="Take one").click()
    take = page.get_by_role("button", name="Take", exact=True)
    page.locator("#take:focus").wait_for()
    track = page.evaluate_handle("document.getElementById('camera-view').srcObject.getTracks()[0]")
    assert track.evaluate("(track) => track.readyState") == "live"
    take.click()
    page.locator("#prediction .frame img").wait_for()
    assert page.locator("#prediction .file").inner_text().startswith("camera.png")
    assert track.evaluate("(track) => track.readyState") == "ended"


def test_a_camera_that_starts_after_its_dialog_was_closed_is_let_go(open_classify):
    page = open_classify()
    page.context.grant_permissions(["camera"])
    page.evaluate("""() => {
        const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = async (wanted) => {
            window.late = ask(wanted);
            await new Promise((resolve) => { window.go = resolve; });
            return window.late;
        };
    }""")
    page.get_by_role("button", name="Take one").click()
    page.get_by_role("button", name="Cancel").click()
    page.evaluate(
        "window.go(), window.late.then((stream) => { [window.track] = stream.getTracks(); })"
    )
    page.wait_for_function("() => window.track.readyState === 'ended'")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("NotAllowedError", "The camera was refused"),
        ("NotFoundError", "No camera was found."),
        ("NotReadableError", "in use by another program"),
        ("AbortError", "Camera: why"),
    ],
)
def test_a_camera_that_cannot_be_had_is_told_in_a_line(open_classify, name, line):
    page = open_classify()
    page.evaluate(
        """(name) => { navigator.mediaDevices.getUserMedia =
            () => Promise.reject(new DOMException("why", name)); }""",
        name,
    )
    page.get_by_role("button", name="Take one").click()
    page.locator("#notice", has_text=line).wait_for()
    assert not page.locator("#camera").is_visible()


def test_a_camera_that_is_not_allowed_is_told_in_a_line(open_classify):
    page = open_classify()  # a headless browser grants nothing by itself
    page.get_by_role("button", name="Take one").click()
    page.locator("#notice", has_text="The camera was refused").wait_for()


def paper(page):
    """The pixels of the drawing."""
    url = page.locator("#paper").evaluate("(canvas) => canvas.toDataURL()")
    return np.asarray(Image.open(BytesIO(b64decode(url.split(",")[1]))).convert("RGB"))


def draw(page, *points):
    box = page.locator("#paper").bounding_box()
    for step, (x, y) in enumerate(points):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=3)
        if not step:
            page.mouse.down()
    page.mouse.up()


def test_a_drawing_by_mouse_is_answered(open_classify):
    page = open_classify()
    page.get_by_role("button", name="Draw one").click()
    draw(page, (0.3, 0.3), (0.7, 0.3))
    pixels = paper(page)
    assert pixels[134, 134:313].max() == 0
    assert pixels[300:].min() == 255
    page.get_by_label("Eraser").check()
    draw(page, (0.5, 0.2), (0.5, 0.4))
    assert paper(page)[134, 224, 0] == 255
    page.get_by_role("button", name="Classify").click()
    prediction(page, "drawing.png")


def test_a_drawing_by_keyboard_is_answered(open_classify):
    page = open_classify()
    page.get_by_role("button", name="Draw one").focus()
    page.keyboard.press("Enter")
    page.locator("#paper:focus").wait_for()
    for key in ("Shift+ArrowLeft", "Space", "Shift+ArrowRight", "ArrowRight", "Space", "ArrowDown"):
        page.keyboard.press(key)
    assert "Pen up" in page.locator("#pen-position").inner_text()
    dark = np.argwhere(paper(page)[..., 0] < 128)
    size = 0.08 * 448
    (top, left), (bottom, right) = dark.min(0), dark.max(0)
    assert bottom - top == pytest.approx(size, abs=2)
    assert right - left == pytest.approx(size + 5 * 448 / 64, abs=2)
    page.get_by_role("button", name="Classify").focus()
    page.keyboard.press("Enter")
    prediction(page, "drawing.png")
    assert page.evaluate("document.activeElement.id") == "open-drawing"


TOUCH = """([kind, isPrimary, x, y]) => {
    const paper = document.getElementById("paper");
    const { left, top, width, height } = paper.getBoundingClientRect();
    const [clientX, clientY] = [left + x * width, top + y * height];
    paper.dispatchEvent(new PointerEvent(kind, { pointerId: 1, isPrimary, clientX, clientY }));
}"""


def test_a_second_finger_does_not_draw_and_lifts_nothing(open_classify):
    page = open_classify()
    page.get_by_role("button", name="Draw one").click()
    page.evaluate("HTMLElement.prototype.setPointerCapture = () => {}")
    page.evaluate(TOUCH, ["pointerdown", False, 0.8, 0.8])
    assert paper(page).min() == 255
    page.evaluate(TOUCH, ["pointerdown", True, 0.2, 0.2])
    page.evaluate(TOUCH, ["pointerup", False, 0.8, 0.8])
    assert page.locator("#ring.down").count() == 1


def test_the_pen_is_lifted_when_the_drawing_is_left(open_classify):
    page = open_classify()
    page.get_by_role("button", name="Draw one").click()
    page.keyboard.press("Space")
    assert page.locator("#ring.down").count() == 1
    page.keyboard.press("Escape")
    page.wait_for_function("() => !document.getElementById('drawing').open")
    assert page.locator("#ring.down").count() == 0


def test_a_drawing_can_be_cleared_and_a_larger_pen_be_taken(open_classify):
    page = open_classify()
    page.get_by_role("button", name="Draw one").click()
    page.get_by_label("Size").fill("20")
    draw(page, (0.5, 0.5))
    assert (paper(page)[224, :, 0] < 128).sum() == pytest.approx(0.2 * 448, abs=2)
    page.get_by_role("button", name="Clear").click()
    assert paper(page).min() == 255


def change_site(page, change):
    """Have the page read a changed `data/site.json`."""

    def answer_changed(route):
        site = route.fetch().json()
        change(site)
        route.fulfill(json=site)

    page.route("**/data/site.json", answer_changed)
    page.reload()
    page.locator("#examples button").first.wait_for()


def test_colours_are_offered_for_a_network_of_colour_images(open_classify):
    page = open_classify()
    page.get_by_role("button", name="Draw one").click()
    assert not page.locator("#colours").is_visible()
    change_site(page, lambda site: site["data"]["image_shape"].append(3))
    page.get_by_role("button", name="Draw one").click()
    page.get_by_label("Red").check()
    draw(page, (0.5, 0.5))
    red, green, blue = paper(page)[224, 224]
    assert red > 2 * max(green, blue)


def test_an_example_is_answered_as_in_python(open_classify, site):
    page = open_classify()
    network = first_network(page)
    for button in page.locator("#examples button").all():
        name = button.get_attribute("aria-label").removeprefix("Example ")
        button.click()
        assert prediction(page, name) == expected(site, site.folder / "examples" / name, network)


def test_another_network_answers_all_images_again(open_classify, site):
    page = open_classify()
    images = {f"{label}.png": bar(label) for label in range(2)}
    choose(page, *images.items())
    prediction(page, "0.png")
    for network in read_site(page)["networks"]:
        page.get_by_label("Network").select_option(network["name"])
        accuracy = percent(network["formats"]["onnx"]["accuracy"], 2)
        about = f"{network['name']}: {accuracy} of the test images, "
        assert page.locator("#network p").inner_text().startswith(about)
        assert page.locator("#network p").inner_text().endswith((" kB", " MB"))
    other = network["name"]
    assert prediction(page, f"0.png, {other}") == expected(site, images["0.png"], other)
    page.locator("#thumbnails button").first.click()
    assert prediction(page, f"1.png, {other}") == expected(site, images["1.png"], other)


def test_a_single_network_is_named_but_not_offered(open_classify):
    page = open_classify()
    change_site(page, lambda site: site["networks"].pop())
    assert page.locator("select").count() == 0
    assert page.locator("#network").inner_text().startswith(f"Network {first_network(page)}: ")


def test_one_can_go_back_to_an_earlier_image(open_classify):
    page = open_classify()
    choose(page, ("a.png", bar(0)))
    first = prediction(page, "a.png")
    assert not page.locator("#history").is_visible()
    choose(page, ("b.png", bar(3)))
    prediction(page, "b.png")
    page.locator("#thumbnails button[title='a.png']").click()
    assert prediction(page, "a.png") == first
    pressed = page.locator("#thumbnails button[aria-pressed='true']")
    assert pressed.get_attribute("title") == "a.png"


def test_on_a_phone_the_answer_is_scrolled_to(open_classify):
    page = open_classify(width=390)
    page.locator("#examples button").first.click()
    prediction(page, ".")
    page.wait_for_function("""() =>
        Math.abs(document.getElementById("prediction").getBoundingClientRect().top) < 2""")


STATUS = "document.getElementById('status').textContent"


def test_only_what_the_user_chose_is_scrolled_to(open_classify):
    page = open_classify(width=390)
    page.evaluate("""() => {
        window.scrolls = 0;
        Element.prototype.scrollIntoView = () => { window.scrolls += 1; };
    }""")
    choose(page, ("a.png", bar(0)))
    prediction(page, "a.png")
    assert page.evaluate("window.scrolls") == 1
    page.get_by_label("Network").select_option(index=1)
    page.locator("#prediction .verdict").wait_for()
    assert page.evaluate("window.scrolls") == 1
    choose(page, ("b.png", bar(1)))
    page.locator("#thumbnails button[title='a.png']").click()
    prediction(page, "a.png")
    assert page.evaluate("window.scrolls") == 3


def test_the_network_is_kept_when_one_comes_back(open_classify):
    page = open_classify()
    page.get_by_label("Network").select_option(index=1)
    name = page.get_by_label("Network").input_value()
    page.get_by_role("link", name="Results").click()
    page.wait_for_url("**/report.html*")
    page.go_back()
    page.reload()  # whatever the browser itself kept
    page.locator("#examples button").first.wait_for()
    assert page.get_by_label("Network").input_value() == name
    choose(page, ("a.png", bar(0)))
    prediction(page, f"a.png, {name}")


def test_all_images_can_be_forgotten(open_classify):
    page = open_classify(expected="ERR_FILE_NOT_FOUND")
    choose(page, ("a.png", bar(0)), ("b.png", bar(1)))
    prediction(page, "a.png")
    page.get_by_text("…", exact=True).wait_for(state="detached")
    edges = page.locator("#thumbnails canvas").evaluate_all(
        "(all) => all.map((canvas) => Math.max(canvas.width, canvas.height))"
    )
    assert edges == [160, 160]
    url = page.locator("#prediction .frame img").get_attribute("src")
    page.get_by_role("button", name="Clear").click()
    assert page.locator("#prediction").inner_text().startswith("What you will see")
    assert not page.locator("#history").is_visible()
    assert page.evaluate("document.activeElement.id") == "choose"
    gone = (
        "(url) => { const image = new Image(); image.src = url;"
        " return image.decode().then(() => 'there', () => 'gone'); }"
    )
    assert page.evaluate(gone, url) == "gone"
    choose(page, ("c.png", bar(2)))
    prediction(page, "c.png")
    assert page.locator("#thumbnails button").count() == 1


def test_a_long_name_of_a_file_is_one_line(open_classify):
    page = open_classify(width=390)
    name = "a long name " * 20 + ".png"
    choose(page, (name, bar(0)))
    prediction(page, name)
    line = page.locator("#prediction .file")
    assert line.bounding_box()["height"] < 30
    assert line.get_attribute("title").startswith(name)


def test_forced_colours_leave_the_data_their_colours(open_classify):
    page = open_classify()
    page.emulate_media(forced_colors="active")
    choose(page, ("a.png", bar(0)), ("b.png", bar(1)))
    page.locator("#prediction .heat").wait_for()
    style = "([first], name) => getComputedStyle(first)[name]"
    for part in (".bar-track", ".scale-track", ".scale-mark", ".ramp", ".heat"):
        all_ = page.locator(f"#prediction {part}")
        assert all_.evaluate_all(style, "forcedColorAdjust") == "none"
    pressed = page.locator("#thumbnails [aria-pressed=true]")
    assert pressed.evaluate_all(style, "outlineStyle") == "solid"


def test_the_page_answers_while_a_large_image_is_read(open_classify):
    page = open_classify()
    turns = """async (bytes) => {
        const { decode } = await import(
            new URL("scripts/inference/images.js", document.baseURI).href);
        const data = Uint8Array.from(atob(bytes), (char) => char.charCodeAt(0));
        let turns = 0;
        const later = window.setTimeout;
        window.setTimeout = (go) => later(() => { turns += 1; go(); });
        await decode(new Blob([data]));
        return turns;
    }"""
    image = png(np.zeros((3000, 4000), np.uint8))
    assert page.evaluate(turns, b64encode(image).decode()) >= 10


def huge_png():
    """81 million white pixels."""
    file = BytesIO()
    Image.new("1", (9000, 9000), 1).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "make", "line"),
    [
        ("notes.txt", lambda: b"no image", "expected an image"),
        ("empty.png", lambda: b"", "expected an image, received an empty file"),
        ("cut.png", lambda: bar(0)[:-400], "broken, cut off"),
        (
            "blank.png",
            lambda: png(np.full((60, 40), 255, np.uint8)),
            "nothing on a plain background",
        ),
        ("huge.png", huge_png, "9,000 x 9,000 pixels; reduce it"),
    ],
)
def test_a_bad_file_is_one_line_and_the_next_image_works(open_classify, name, make, line):
    page = open_classify()
    choose(page, (name, make()))
    said = error(page)
    assert line in said
    assert "\n" not in said
    assert page.locator("#prediction .file").inner_text().startswith(f"{name}, ")
    page.wait_for_function(f"() => {STATUS} === {json.dumps(f'{name}: {said}')}")
    choose(page, ("good.png", bar(0)))
    prediction(page, "good.png")


def test_a_model_that_is_missing_is_one_line_and_asked_for_again(open_classify):
    page = open_classify(expected="404")
    page.route("**/models/*", lambda route: route.fulfill(status=404))
    choose(page, ("a.png", bar(0)))
    line = f"models/{first_network(page)}.onnx: did not load (404 Not Found)"
    assert error(page) == line
    assert page.locator("#prediction .file").inner_text().startswith("a.png, ")
    page.wait_for_function(f"() => {STATUS} === 'a.png: {line}'")
    page.unroute("**/models/*")
    choose(page, ("b.png", bar(0)))
    prediction(page, "b.png")


RUNTIME = ["ort-wasm-simd-threaded.wasm", "ort-wasm-simd-threaded.mjs", "ort.wasm.min.mjs"]


@pytest.mark.parametrize("file", RUNTIME)
def test_a_runtime_that_did_not_load_is_asked_for_again(open_classify, file):
    page = open_classify(expected="ERR_FAILED")
    page.route(f"**/runtime/{file}", lambda route: route.abort())
    choose(page, ("a.png", bar(0)))
    assert error(page) == f"runtime/{file}: did not load; is this machine online?"
    page.unroute(f"**/runtime/{file}")
    choose(page, ("b.png", bar(0)))
    prediction(page, "b.png")
    page.locator("#thumbnails button[title='a.png']").click()  # once more
    page.locator("#prediction .verdict").wait_for()
    assert page.locator("#prediction .file").inner_text().startswith("a.png")


def test_a_runtime_that_does_not_start_is_not_said_to_be_a_model(open_classify):
    page = open_classify(expected="CompileError")
    page.route("**/runtime/*.wasm", lambda route: route.fulfill(body=b"no program"))
    choose(page, ("a.png", bar(0)))
    assert error(page).startswith("runtime: did not start: ")


def test_what_is_loaded_first_is_told_with_its_size(open_classify):
    page = open_classify()
    page.evaluate("""() => {
        window.told = [];
        new MutationObserver(() => {
            const progress = document.querySelector("#prediction > progress");
            if (progress) window.told.push([progress.previousSibling.textContent, progress.value]);
        }).observe(document.getElementById("prediction"), { childList: true, subtree: true });
    }""")
    choose(page, ("a.png", bar(0)))
    prediction(page, "a.png")
    told = page.evaluate("window.told")
    size = read_site(page)["networks"][0]["model"]["bytes"]
    size += sum((ROOT / build.RUNTIME / name).stat().st_size for name in RUNTIME)
    assert {text for text, _ in told} == {f"Loading {size / 1e6:.1f} MB, once…"}
    values = [value for _, value in told]
    assert values == sorted(values)
    assert values[-1] == 1


def test_a_model_that_is_none_is_one_line(open_classify):
    page = open_classify(expected="")
    page.route("**/models/*", lambda route: route.fulfill(body=b"no model"))
    choose(page, ("a.png", bar(0)))
    assert "expected an ONNX model" in error(page)


def test_missing_training_images_take_nothing_but_themselves(open_classify):
    page = open_classify(expected="404")
    page.route("**/data/train.json", lambda route: route.fulfill(status=404))
    choose(page, ("a.png", bar(0)))
    prediction(page, "a.png")
    assert error(page) == "data/train.json: did not load (404 Not Found)"


def test_a_site_without_data_is_told_in_a_line(open_page):
    page = open_page("index.html", expected="404")
    page.route("**/data/site.json", lambda route: route.fulfill(status=404))
    page.reload()
    page.locator("#notice", has_text="data/site.json: did not load (404 Not Found)").wait_for()


@pytest.mark.parametrize(
    ("body", "line"), [("<html>", "data/site.json: expected JSON"), ("{}", "undefined")]
)
def test_a_site_with_other_data_is_told_in_a_line(open_page, body, line):
    page = open_page("index.html")
    page.route("**/data/site.json", lambda route: route.fulfill(body=body))
    page.reload()
    page.locator("#notice", has_text=line).wait_for()


def test_an_example_that_does_not_load_is_told_in_a_line(open_classify):
    page = open_classify(expected="ERR_FAILED")
    path = read_site(page)["examples"][0]
    page.route(f"**/{path}", lambda route: route.abort())
    page.locator("#examples button").first.click()
    page.locator("#notice", has_text=f"{path}: did not load; is this machine online?").wait_for()


def test_a_slow_example_does_not_take_the_place_of_a_later_choice(open_classify):
    page = open_classify()
    page.evaluate("""() => {
        const load = window.fetch;
        window.fetch = async (path) => {
            if (String(path).startsWith("examples/")) {
                await new Promise((resolve) => { window.go = resolve; });
            }
            return load(path);
        };
    }""")
    example = page.locator("#examples button").first
    example.click()
    choose(page, ("a.png", bar(0)))
    prediction(page, "a.png")
    page.evaluate("window.go(), new Promise((resolve) => setTimeout(resolve, 300))")
    assert page.locator("#thumbnails button").count() == 1


def test_two_clicks_of_one_hand_are_one(open_classify):
    page = open_classify()
    page.locator("#examples button").first.dblclick()
    prediction(page, ".")
    thumbnails = page.locator("#thumbnails button")
    assert thumbnails.count() == 1
    page.get_by_role("button", name="Draw one").click()
    draw(page, (0.3, 0.3), (0.7, 0.3))
    twice = "(button) => { button.click(); button.click(); }"
    page.locator("#classify-drawing").evaluate(twice)
    prediction(page, "drawing.png")
    assert thumbnails.count() == 2
    page.context.grant_permissions(["camera"])
    page.get_by_role("button", name="Take one").click()
    page.locator("#take:focus").wait_for()
    page.locator("#take").evaluate(twice)
    prediction(page, "camera.png")
    assert thumbnails.count() == 3


ANSWERS = """async (paths) => {
    const module = (name) => import(new URL(`scripts/${name}`, document.baseURI).href);
    const { predict } = await module("classify/prediction.js");
    const { networks } = await (await fetch("data/site.json")).json();
    const predictions = [];
    for (const network of networks) {
        for (const path of paths) {
            const blob = await (await fetch(path)).blob();
            const { image, prediction } = await predict(new File([blob], path), network);
            predictions.push({ network: network.name, path, image: [...image], ...prediction });
        }
    }
    return predictions;
}"""


def test_answers_equal_those_of_python(open_classify, site):
    page = open_classify()
    paths = sorted(f"examples/{path.name}" for path in (site.folder / "examples").iterdir())
    for said in page.evaluate(ANSWERS, paths):
        model = classifier(site, said["network"])
        image = model.prepare(site.folder / said["path"])
        session = ort.InferenceSession(site.folder / f"models/{said['network']}.onnx")
        outputs = ["probabilities", "distance", "neighbours"]
        probabilities, distance, neighbours = session.run(outputs, {"images": image[np.newaxis]})
        python = model.predict_arrays(image[np.newaxis])[0]
        assert said["image"] == image.ravel().tolist()
        assert said["label"] == python.label
        assert model.classes[said["best"]] == python.best
        assert said["probabilities"] == pytest.approx(probabilities[0], abs=1e-5)
        assert said["distance"] == pytest.approx(distance[0], abs=1e-5)
        assert said["neighbours"] == neighbours[0].tolist()


LABELS = """async (cases) => {
    const url = new URL("scripts/inference/classifier.js", document.baseURI).href;
    const { Classifier } = await import(url);
    const model = { classes: ["a", "b"], image_shape: [1, 1], ood_threshold: 0.1,
        min_confidence: 0.75 };
    const runtime = { Tensor: class {} };
    return Promise.all(cases.map(async ([probability, distance]) => {
        const session = { run: async () => ({
            probabilities: { data: Float32Array.of(probability, 1 - probability) },
            distance: { data: Float32Array.of(distance) },
            neighbours: { data: BigInt64Array.of(3n, 1n) },
        }) };
        const [prediction] = await new Classifier(model, session, runtime).predict(new Uint8Array(1));
        return prediction.label;
    }));
}"""


def test_labels_follow_the_rules_of_python(open_classify):
    above = struct.unpack("<f", struct.pack("<I", 0x3DCCCCCE))[0]  # the next above float32(0.1)
    cases = [(0.75, 0.1), (0.25, 0.1), (0.5, 0.1), (0.74, 0.0), (1.0, above), (0.5, above)]
    said = open_classify().evaluate(LABELS, cases)
    assert said == ["a", "b", UNCERTAIN, UNCERTAIN, OOD, OOD]


def test_the_card_shows_what_the_answer_rests_on(open_classify, site):
    page = open_classify()
    training = json.loads((site.folder / "data/train.json").read_text())
    training["rows"].insert(0, -1)  # so that places differ from rows, as in large data
    training["labels"].insert(0, 0)
    page.route("**/data/train.json", lambda route: route.fulfill(json=training))
    image = bar(1)
    choose(page, ("bar.png", image))
    network = first_network(page)
    said = classifier(site, network).predict(image)[0]
    prediction(page, "bar.png")
    bars = page.locator("#prediction .bars li").all_inner_texts()
    shown = dict(text.split("\n") for text in bars)
    assert shown == {name: percent(p) for name, p in said.probabilities.items()}
    assert next(iter(shown)) == said.best
    width = "(all) => all.map((one) => parseFloat(one.style.getPropertyValue('--part')))"
    widths = page.locator("#prediction .bar-track").evaluate_all(width)
    parts = sorted(100 * p for p in said.probabilities.values())[::-1]
    assert widths == pytest.approx(parts, abs=1e-3)
    assert page.locator("#prediction").inner_text().count(f"{said.distance:.3f}") == 1
    image = classifier(site, network).prepare(image)
    seen = page.get_by_role("img", name="The image as prepared").evaluate(
        "(canvas) => [...canvas.getContext('2d').getImageData(0, 0, 20, 20).data]"
    )
    assert seen[::4] == image.ravel().tolist()
    page.locator("#prediction .heat").wait_for()
    patch = "a patch of 5\N{MULTIPLICATION SIGN}5 pixels is covered: by up to "
    legend = page.locator("#prediction .legend p").inner_text()
    assert legend.startswith(f"How far the probability of {said.best} falls when {patch}")
    page.locator("#prediction .neighbours li").first.wait_for()
    session = ort.InferenceSession(site.folder / f"models/{network}.onnx")
    (rows,) = session.run(["neighbours"], {"images": image[np.newaxis]})
    labels = [training["labels"][training["rows"].index(row)] for row in rows[0]]
    names = page.locator("#prediction .neighbours li").all_inner_texts()
    assert names == [CLASSES[label] for label in labels]
    assert f"of the {len(training['rows'])} kept" in page.locator("#prediction").inner_text()


OCCLUSION = """async (path) => {
    const module = (name) => import(new URL(`scripts/${name}`, document.baseURI).href);
    const { predict } = await module("classify/prediction.js");
    const { occlusion } = await module("inference/occlusion.js");
    const { networks } = await (await fetch("data/site.json")).json();
    const blob = await (await fetch(path)).blob();
    const { classifier, image, prediction } = await predict(new File([blob], path), networks[0]);
    const { signal } = new AbortController();
    return occlusion(classifier, image, prediction, { signal, onProgress: () => {} });
}"""


def test_the_map_is_what_a_covered_patch_takes_from_the_probability(open_classify, site):
    page = open_classify()
    path = sorted((site.folder / "examples").iterdir())[0]
    said = page.evaluate(OCCLUSION, f"examples/{path.name}")
    assert (said["rows"], said["columns"]) == (14, 14)
    model = classifier(site, first_network(page))
    image = model.prepare(path)
    covered = np.repeat(image[np.newaxis], 14 * 14, axis=0)
    starts = [int(np.floor((cell + 0.5) * 20 / 14 - 2.5 + 0.5)) for cell in range(14)]
    for cell, one in enumerate(covered):
        top, left = starts[cell // 14], starts[cell % 14]
        one[max(0, top) : top + 5, max(0, left) : left + 5] = 0
    whole = model.predict_arrays(image[np.newaxis])[0]
    drops = [
        whole.probability - one.probabilities[whole.best] for one in model.predict_arrays(covered)
    ]
    assert said["values"] == pytest.approx(drops, abs=1e-5)


def test_images_of_another_preparation_are_covered_with_their_mean(open_classify):
    url = "new URL('scripts/inference/occlusion.js', document.baseURI).href"
    cover = f"""async () => (await import({url})).coverOf(Uint8Array.of(0, 10, 255, 4, 20, 255),
        {{ preprocessing: "pad", image_shape: [1, 2, 3] }})"""
    assert open_classify().evaluate(cover) == [2, 15, 255]


MAP_WAITS = """() => { // from now on, until it is told to go on
    window.waiting = [];
    const later = window.setTimeout;
    window.setTimeout = (go, delay) => delay ? later(go, delay) : window.waiting.push(go);
}"""
MAP_GOES_ON = """() => {
    window.setTimeout = (go) => queueMicrotask(go);
    window.waiting.shift()();
}"""


def test_nothing_moves_when_the_map_is_there(open_classify):
    page = open_classify()
    page.evaluate(MAP_WAITS)
    choose(page, ("a.png", bar(0)), ("b.png", bar(1)))
    page.wait_for_function("() => window.waiting.length === 1")
    page.get_by_text("…", exact=True).wait_for(state="detached")
    page.locator("#prediction .neighbours li").first.wait_for()
    before = page.locator("#clear").bounding_box()
    page.evaluate(MAP_GOES_ON)
    page.locator("#prediction .heat").wait_for()
    assert page.get_by_label("Covering patches").count() == 0
    assert page.locator("#clear").bounding_box() == before


def test_the_next_image_cancels_the_map_of_the_one_before(open_classify):
    page = open_classify()
    page.evaluate(MAP_WAITS)
    choose(page, ("a.png", bar(0)))
    page.wait_for_function("() => window.waiting.length === 1")
    assert page.get_by_label("Covering patches").count() == 1
    choose(page, ("b.png", bar(1)))
    page.wait_for_function("() => window.waiting.length === 2")
    page.evaluate("window.waiting.shift()()")  # that of a.png, which would ask for another turn
    page.evaluate("new Promise((resolve) => requestAnimationFrame(resolve))")
    page.wait_for_function("() => window.waiting.length === 1")
    page.evaluate(MAP_GOES_ON)
    page.locator("#prediction .heat").wait_for()
    assert page.locator("#prediction .file").inner_text().startswith("b.png")
    assert page.locator("#prediction .heat rect").count() == 14 * 14


def test_of_many_classes_the_first_ten_are_shown_and_the_rest_on_demand(open_classify):
    page = open_classify()
    page.evaluate("""async () => {
        const url = new URL("scripts/classify/bars.js", document.baseURI).href;
        const { bars } = await import(url);
        const classes = Array.from({ length: 200 }, (_, label) => `class ${label}`);
        const probabilities = classes.map((_, label) => label / 19900);
        document.getElementById("prediction").replaceChildren(
            bars({ probabilities }, { classes, min_confidence: 0.5 }));
    }""")
    visible = page.locator("#prediction li:visible")
    assert visible.count() == 10
    assert visible.first.inner_text().startswith("class 199")
    page.get_by_text("190 more").click()
    assert visible.count() == 200


NAMES = [
    "<b>bold</b>, \"quoted\" & 'more'",
    "very" * 40,
    "حذاء رياضي",
    "運動靴",
    "a long name " * 12,
]


@pytest.mark.parametrize("width", [390, 1280])
def test_names_of_classes_are_text_of_any_length_and_script(open_classify, width):
    page = open_classify(width=width)

    def rename(site):
        site["data"]["classes"] = NAMES
        for network in site["networks"]:
            network["model"]["classes"] = NAMES
            network["name"] = 5 * network["name"] + "_" * 40

    change_site(page, rename)
    choose(page, *((f"{label}.png", bar(label)) for label in range(5)))
    page.locator("#prediction .heat").wait_for()
    names = page.locator("#prediction .bar-name").all_text_contents()
    assert sorted(names) == sorted(NAMES)
    assert sideways(page) == 0


def sideways(page):
    """How many pixels the page could be scrolled to the side."""
    root = "document.documentElement"
    return page.evaluate(f"{root}.scrollWidth - {root}.clientWidth")


def states(page):
    """Bring the page into one state after the other, and name it."""
    yield "empty"
    choose(page, *((f"{label}.png", bar(label)) for label in range(3)))
    page.locator("#prediction .heat").wait_for()
    page.locator("#prediction .neighbours").wait_for()
    yield "prediction"
    page.locator("#examples button").last.click()
    page.locator("#prediction .verdict").wait_for()
    yield "computing"
    choose(page, ("notes.txt", b"no image"))
    page.locator("#prediction .error").wait_for()
    yield "error"
    page.context.grant_permissions(["camera"])
    page.get_by_role("button", name="Take one").click()
    page.locator("#take:focus").wait_for()
    yield "camera"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Draw one").click()
    page.keyboard.press("Space")
    yield "drawing"


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_state_is_accessible_and_nothing_scrolls_sideways(open_classify, axe, width, scheme):
    page = open_classify(width=width, scheme=scheme)
    for state in states(page):
        assert (state, axe(page)) == (state, [])
        assert (state, sideways(page)) == (state, 0)
