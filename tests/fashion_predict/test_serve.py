"""The HTTP service, over real connections."""

import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Thread

import httpx
import numpy as np
import psutil
import pytest
import uvicorn
from PIL import Image

from fashion_predict import cli
from fashion_predict.images import reading
from fashion_predict.serve import command
from fashion_predict.serve.limits import Limits
from tests.conftest import ROOT
from tests.fashion_predict.conftest import BRIGHT, LEFT, save_halves

pytestmark = pytest.mark.usefixtures("images")

OTHER = {"name": "other", "dataset": "Others", "ood_threshold": "0.5"}
LIMITS = Limits(max_bytes=3_000_000, max_pixels=90_000, max_images=8, max_requests=4, timeout=2)


@pytest.fixture(scope="module")
def service(model_path, tmp_path_factory):
    """The port of a service with two networks and small limits, in a thread."""
    other = save_halves(tmp_path_factory.mktemp("model") / "other.onnx", **OTHER)
    load_app = partial(command._load_app, [str(model_path), str(other)], LIMITS)
    with pytest.MonkeyPatch.context() as patch, command._listen("127.0.0.1", 0) as listener:
        patch.setattr(reading, "MAX_PIXELS", LIMITS.max_pixels)
        server = uvicorn.Server(command._configure(load_app, LIMITS))
        thread = Thread(target=server.run, args=([listener],))
        thread.start()
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join()


@pytest.fixture
def client(service):
    with httpx.Client(base_url=f"http://127.0.0.1:{service}", timeout=30) as client:
        yield client


def as_bytes(image, form="PNG", **options):
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def form(*images):
    return {"files": [("images", image) for image in images]}


def raw(content, kind="image/png"):
    return {"content": content, "headers": {"content-type": kind}}


def printed(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        cli.main(["--format", "json", *arguments])
    return stop.value.code, capsys.readouterr().out.encode()


def test_answers_are_those_of_the_command_to_the_last_byte(client, model_path, capsys, monkeypatch):
    save_halves("other.onnx", **OTHER)
    good = ["left.png", "even.png", "white.png"]
    for names in (good, good[:1], ["left.png", "broken.png", "right.png"]):
        files = [(name, Path(name).read_bytes()) for name in names]
        answer = client.post("/predict?model=other", **form(*files))
        code, out = printed(capsys, "--model", "other.onnx", *names)
        assert (answer.status_code, answer.content) == (422 if code else 200, out)
    content = Path("left.png").read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    out = printed(capsys, "--model", str(model_path), "-")[1]
    for kind in ("image/png", "application/octet-stream", "Image/JPEG; q=1"):
        assert client.post("/predict", **raw(content, kind)).content == out


PNG = as_bytes(Image.fromarray(LEFT))
JPEG = as_bytes(Image.fromarray(LEFT), "JPEG")
FILE = ("left.png", PNG)
ODD = {
    "CMYK": as_bytes(Image.fromarray(LEFT).convert("CMYK"), "JPEG"),
    "16 bits": as_bytes(Image.fromarray(LEFT.astype(np.uint16) * 257)),
    "animated": as_bytes(
        Image.fromarray(LEFT), "GIF", save_all=True, append_images=[Image.fromarray(BRIGHT)]
    ),
    "pages": as_bytes(
        Image.fromarray(LEFT), "TIFF", save_all=True, append_images=[Image.fromarray(BRIGHT)]
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_unusual_images_are_valid(client, name):
    [row] = client.post("/predict", **raw(ODD[name])).json()
    assert (row["file"], row["label"], row["model"]) == ("-", "left", "halves")


def bomb(side):
    """A small PNG of `side` x `side` pixels."""
    content = as_bytes(Image.new("1", (side, 1)))
    header = b"IHDR" + content[16:20] + side.to_bytes(4, "big") + content[24:29]
    rows = zlib.compress(bytes((side // 8 + 1) * min(side, 9000)))
    data = b"IDAT" + rows
    chunks = (
        len(c[4:]).to_bytes(4, "big") + c + zlib.crc32(c).to_bytes(4, "big")
        for c in (header, data, b"IEND")
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


UNKNOWN_FORMAT = "expected one of PNG, JPEG"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
BAD_IMAGES = {
    "empty": (b"", "expected an image, received an empty file"),
    "truncated JPEG": (JPEG[:-20], "broken or cut off"),
    "truncated PNG": (PNG[:50], "broken or cut off"),
    "text": (b"hello", UNKNOWN_FORMAT),
    "path": (b"/etc/passwd", UNKNOWN_FORMAT),
    "URL": (b"http://127.0.0.1:1/left.png", UNKNOWN_FORMAT),
    "file URL": (b"file:///etc/passwd", UNKNOWN_FORMAT),
    "SVG": (SVG, UNKNOWN_FORMAT),
    "EPS": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", UNKNOWN_FORMAT),
    "ZIP": (b"PK\x03\x04" + bytes(99), UNKNOWN_FORMAT),
    "ZIP bomb": (zlib.compress(bytes(9_000_000)), UNKNOWN_FORMAT),
    "too many pixels": (as_bytes(Image.new("L", (301, 300))), "301 x 300 pixels; reduce it"),
    "PNG bomb": (bomb(9_000), "9,000 x 9,000 pixels; reduce it"),
    "larger PNG bomb": (bomb(60_000), "more than 90,000 pixels; reduce it"),
    "nothing on it": (as_bytes(Image.new("RGB", (9, 9))), "nothing on a plain background"),
    "not finite": (
        as_bytes(Image.fromarray(np.full((9, 9), np.nan, np.float32)), "TIFF"),
        "some pixels are not finite",
    ),
}


@pytest.mark.parametrize("name", BAD_IMAGES)
def test_an_image_that_cannot_be_read_has_the_reason_of_the_command(client, name):
    content, reason = BAD_IMAGES[name]
    alone = client.post("/predict", **raw(content))
    among = client.post("/predict", **form(FILE, ("bad", content), FILE))
    assert (alone.status_code, among.status_code) == (422, 422)
    [row] = alone.json()
    first, bad, last = among.json()
    assert (row["file"], bad["file"]) == ("-", "bad")
    assert row["error"] == bad["error"]
    assert row["error"].startswith(reason)
    assert first == last
    assert first["label"] == "left"


def multipart(*lines, kind="multipart/form-data; boundary=B"):
    return raw(b"\r\n".join(lines), kind)


DISPOSITION = b'Content-Disposition: form-data; name="images"; filename="%s"'
BAD_REQUESTS = {
    "too many bytes": (raw(bytes(3_000_001)), 413, "larger than 3,000,000 bytes"),
    "far too many bytes": (raw(bytes(30_000_000)), 413, "larger than 3,000,000 bytes"),
    "without a length": (raw(bytes(99_999) for _ in range(99)), 413, "larger than 3,000,000 bytes"),
    "too many bytes in files": (form(*[("a", bytes(400_000))] * 8), 413, "larger than 3,000,000"),
    "too many images": (form(*[FILE] * 9), 400, "not a form with at most 8 files"),
    "wrong field": ({"files": {"image": FILE}}, 400, "expected image files in the form field imag"),
    "right and wrong field": ({"files": [("images", FILE), ("x", FILE)]}, 400, "expected image fi"),
    "text field": ({"data": {"images": "a.png"}, **form(FILE)}, 400, "expected image files in the"),
    "many text fields": (
        {"data": {str(i): "" for i in range(2000)}, **form(FILE)},
        400,
        "not a fo",
    ),
    "path in a field": (
        multipart(b"--B", DISPOSITION.partition(b"; f")[0], b"", b"/etc/passwd", b"--B--", b""),
        *(400, "expected image files in the form field images, found text in the field images"),
    ),
    "no image": (multipart(b"--B--", b""), 400, "expected image files in the form field images"),
    "no boundary": (multipart(kind="multipart/form-data"), 400, "not a form"),
    "another boundary": (multipart(b"--C", b"", b"", b"--C--", b""), 400, "not a form"),
    "part without a name": (multipart(b"--B", b"", b"x", b"--B--", b""), 400, "not a form"),
    "huge part header": (multipart(b"--B", b"X: " + bytes(9_000), b"", b""), 400, "not a form"),
    "odd encoding": (
        multipart(
            *(b"--B", DISPOSITION % b"\xff", b"", PNG, b"--B--", b""),
            kind="multipart/form-data; boundary=B; charset=undefined",
        ),
        *(400, "expected file names in UTF-8"),
    ),
    "form of a page": ({"data": {"images": "a.png"}}, 415, "expected the content type multipart/"),
    "JSON": ({"json": {"url": "http://127.0.0.1"}}, 415, "expected the content type multipart/fo"),
    "unknown model": (
        raw(PNG) | {"params": {"model": "vit"}},
        404,
        "expected one of halves, other",
    ),
    "path of a model": (
        raw(PNG) | {"params": {"model": str(ROOT / "models/cnn.onnx")}},
        404,
        "expected one of halves, other",
    ),
    "unknown parameter": (
        raw(PNG) | {"params": {"modle": "other"}},
        400,
        "expected the parameter ",
    ),
    "unknown path": (raw(PNG) | {"url": "/predict/"}, 404, "Not Found"),
    "path outside": ({"method": "GET", "url": "/static-offline-docs/..%2fcore.py"}, 404, "Not Fo"),
    "wrong method": ({"method": "GET"}, 405, "Method Not Allowed"),
}


@pytest.mark.parametrize("name", BAD_REQUESTS)
def test_a_bad_request_is_refused_in_one_line(client, name):
    request, status, reason = BAD_REQUESTS[name]
    answer = client.request(**{"method": "POST", "url": "/predict"} | request)
    assert (answer.status_code, list(answer.json())) == (status, ["error"])
    assert answer.json()["error"].startswith(reason)
    assert "\n" not in answer.json()["error"]
    assert client.post("/predict", **raw(PNG)).status_code == 200


POST = b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: image/png\r\n"
BAD_BYTES = {
    "start of a huge header": (POST + b"X: " + b"x" * 20_000, b"400"),
    "start of many headers": (POST + b"X: x\r\n" * 4000, b"400"),
    "start of a huge address": (b"GET /" + b"x" * 20_000, b"400"),
    "null byte in a header": (POST + b"X: \0\r\n\r\n", b"400"),
    "wrong length": (POST + b"Content-Length: -1\r\n\r\n", b"400"),
    "two lengths": (POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", b"400"),
    "wrong chunk": (POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
    "shorter than its length": (POST + b"Content-Length: 99\r\n\r\n" + PNG[:9], b"408"),
    "no HTTP": (b"hello\r\n\r\n", b"400"),
    "half of a header": (POST, b""),
    "nothing": (b"", b""),
}


def connect(port, content):
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    connection.sendall(content)
    return connection


def receive(connection):
    """The bytes that come until the service closes the connection."""
    with connection, connection.makefile("rb") as stream:
        return stream.read()


@pytest.mark.parametrize("name", BAD_BYTES)
def test_bad_bytes_and_slow_clients_are_refused(service, client, name):
    content, status = BAD_BYTES[name]
    assert receive(connect(service, content))[9:12] == status
    assert client.get("/health").status_code == 200


def test_names_are_repeated_as_they_are_and_never_opened(client):
    names = ["größe.png", "a\0b.png", "../../etc/passwd", "http://127.0.0.1/", "-", "\x1b[31m"]
    parts = [(b"--B", DISPOSITION % name.encode(), b"", PNG) for name in names]
    rows = client.post("/predict", **multipart(*sum(parts, ()), b"--B--", b"")).json()
    assert [(row["file"], row["label"]) for row in rows] == [(name, "left") for name in names]


def test_answers_are_not_mixed_and_all_are_counted(client):
    def post(number):
        flipped = LEFT[:, ::-1] if number % 2 else LEFT
        files = [
            (f"{number}-{i}", as_bytes(Image.fromarray(flipped))) for i in range(number % 3 + 1)
        ]
        rows = client.post("/predict", **form(*files)).json()
        assert [row["file"] for row in rows] == [name for name, _ in files]
        assert {row["label"] for row in rows} == {"right" if number % 2 else "left"}
        return len(files)

    def counted():
        lines = client.get("/metrics").text.splitlines()
        return {
            k: float(v) for k, _, v in (line.rpartition(" ") for line in lines if line[0] != "#")
        }

    before = counted()
    with ThreadPoolExecutor(4) as clients:
        images = sum(clients.map(post, range(40)))
    after = counted()
    increase = {key: after[key] - before.get(key, 0) for key in after}
    prefix = "fashion_predict"
    assert increase[f'{prefix}_requests_total{{path="/predict",status="200"}}'] == 40
    assert increase[f'{prefix}_request_seconds_count{{path="/predict"}}'] == 40
    by_class = [
        increase[f'{prefix}_predictions_total{{label="{label}",model="halves"}}']
        for label in ("left", "right", "none of the classes", "not sure")
    ]
    assert (sum(by_class), by_class[2:]) == (images, [0, 0])
    assert increase[f'{prefix}_ood_score_bucket{{le="0.35",model="halves"}}'] == 0
    assert increase[f'{prefix}_ood_score_bucket{{le="0.4",model="halves"}}'] == images
    assert after[f'{prefix}_ood_threshold{{model="other"}}'] == 0.5
    assert after[f"{prefix}_requests_in_flight"] == 0


def test_more_requests_than_allowed_are_told_to_come_later(service, client):
    head = POST + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(PNG)
    begun = [connect(service, head + PNG[:9]) for _ in range(LIMITS.max_requests)]
    time.sleep(0.5)
    busy = client.post("/predict", **raw(PNG))
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "1")
    assert client.get("/ready").status_code == 200
    for connection in begun:
        connection.sendall(PNG[9:])
    assert [receive(connection)[9:12] for connection in begun] == [b"200"] * len(begun)
    assert client.post("/predict", **raw(PNG)).status_code == 200


def test_no_image_is_written_to_disk(client, monkeypatch):
    monkeypatch.setattr(tempfile, "TemporaryFile", None)
    large = PNG + bytes(2_500_000)
    assert client.post("/predict", **form(("a", large))).status_code == 200


def test_the_other_paths(client):
    halves, other = client.get("/models").json()
    assert (halves["name"], halves["classes"]) == ("halves", ["left", "right"])
    assert (other["name"], other["dataset"], other["image_shape"]) == ("other", "Others", [8, 6])
    described = client.get("/openapi.json").json()["paths"]
    assert list(described) == ["/predict", "/models", "/metrics", "/health", "/ready"]
    post = described["/predict"]["post"]
    assert "multipart/form-data" in post["requestBody"]["content"]
    rows = post["responses"]["200"]["content"]["application/json"]["schema"]["items"]["properties"]
    assert sorted(rows) == sorted({*client.post("/predict", **raw(PNG)).json()[0], "error"})
    page = client.get("/docs").text
    assert "://" not in page, "nothing from another address"
    for address in ("/static-offline-docs/swagger-ui-bundle.js", "/health", "/ready"):
        assert address.startswith("/static") == (address in page)
        assert client.get(address).status_code == 200


def test_answers_are_sent_without_delay():
    with command._listen("127.0.0.1", 0) as listener:
        client = socket.create_connection(listener.getsockname())
        accepted, _ = listener.accept()
        with client, accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.fixture
def process(request, model_path):
    """A service in a process, and its port; the parameter has more arguments."""
    options = getattr(request, "param", ())
    arguments = ("serve", "--port", "0", "--model", str(model_path), "--timeout", "5", *options)
    with subprocess.Popen(
        [sys.executable, "-m", "fashion_predict.cli", *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        address = process.stdout.readline()
        yield process, int(address.partition(b"127.0.0.1:")[2].partition(b"/")[0])
        process.terminate()


def test_sigterm_finishes_what_has_begun_and_nothing_is_logged(process):
    process, port = process
    head = POST + b"Content-Length: %d\r\n\r\n" % len(PNG)
    begun = connect(port, head + PNG[:9])
    idle = connect(port, b"")
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    assert receive(idle) == b""
    with pytest.raises(ConnectionRefusedError):
        connect(port, b"")
    begun.sendall(PNG[9:])
    assert json.loads(receive(begun).partition(b"\r\n\r\n")[2])[0]["label"] == "left"
    assert process.communicate() == (b"", b"")
    assert process.returncode == -signal.SIGTERM


@pytest.mark.parametrize("process", [("--workers", "2")], indirect=True)
def test_a_killed_worker_is_replaced_and_the_metrics_of_all_are_added(process):
    process, port = process
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)

    def ask(count):
        for _ in range(count):  # over new connections, which any worker may accept
            answer = client.post("/predict", content=PNG, headers={"connection": "close"})
            assert answer.json()[0]["label"] == "left"

    ask(10)
    children = psutil.Process(process.pid).children
    before = children()  # Python's resource tracker is one of them
    killed = next(child for child in before if "spawn_main" in " ".join(child.cmdline()))
    killed.kill()
    deadline = time.monotonic() + 30
    while killed.is_running() or len(children()) < len(before):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    ask(10)
    lines = client.get("/metrics").text.splitlines()
    client.close()
    assert 'fashion_predict_requests_total{path="/predict",status="200"} 20.0' in lines
    assert "fashion_predict_requests_in_flight 0.0" in lines
    process.send_signal(signal.SIGTERM)
    assert process.communicate() == (b"", b"")


def test_a_file_named_serve_is_an_image(model_path, capsys):
    Path("serve").write_bytes(PNG)
    with pytest.raises(SystemExit) as stop:
        cli.main(["serve", "--model", str(model_path)])
    assert stop.value.code == 0
    assert capsys.readouterr().out.endswith(" serve\n")


def test_wrong_usage(service, model_path, capsys, monkeypatch):
    model = str(model_path)
    save_halves("same.onnx")
    for arguments, line in (
        (["--model", "no.onnx"], "no.onnx: expected an exported model, found no file"),
        (["--model", model, "same.onnx"], "same.onnx: expected another name than halves"),
        (["--model", model, "--port", str(service)], f"127.0.0.1, port {service}: [Errno "),
        (["--model", model, "--port", "65536"], "usage: fashion-predict serve"),
        (["--model", model, "--host", "256.1"], "256.1, port 8000: "),
        (["--max-bytes", "0"], "usage: fashion-predict serve"),
    ):
        with pytest.raises(SystemExit) as stop:
            cli.main(["serve", *arguments])
        assert stop.value.code == 2
        assert capsys.readouterr().err.startswith(line)
    monkeypatch.delitem(sys.modules, "fashion_predict.serve.command")
    monkeypatch.delattr("fashion_predict.serve.command")
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(SystemExit) as stop:
        cli.main(["serve"])
    assert stop.value.code == 2
    assert capsys.readouterr().err == (
        "expected the packages of the extra serve, found no uvicorn; "
        'run pip install ".[serve]" in a clone of the project\n'
    )
