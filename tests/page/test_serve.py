"""The server gives browsers what they insist on, to this machine alone."""

import re
import shutil
import signal
import socket
import subprocess
import sys
from http.client import HTTPConnection
from threading import Thread

import pytest

from tests.conftest import ROOT
from tools.page import serve

TYPES = {
    "index.html": "text/html",
    "a.js": "text/javascript",
    "a.mjs": "text/javascript",
    "a.css": "text/css",
    "a.json": "application/json",
    "a.onnx": "application/octet-stream",
    "a.png": "image/png",
    "a.svg": "image/svg+xml",
    "a.wasm": "application/wasm",
    "a.webp": "image/webp",
}

INTERRUPTIBLE = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background ignores it
runpy.run_module("tools.page.serve", run_name="__main__")
"""


@pytest.fixture
def folder(tmp_path):
    page = tmp_path / "site"
    (page / "images").mkdir(parents=True)
    for name in (*TYPES, "images/b.png"):
        (page / name).write_text(f"the content of {name}")
    (tmp_path / "secret.txt").touch()
    return page


@pytest.fixture
def get(folder):
    """Ask a server of `folder` for a path: the response and its content."""
    with serve.listen(str(folder), 0) as server:
        Thread(target=server.serve_forever, daemon=True).start()

        def ask(path, **headers):
            connection = HTTPConnection(*server.server_address)
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            content = response.read().decode()
            connection.close()
            return response, content

        yield ask
        server.shutdown()


@pytest.mark.parametrize("name", TYPES)
def test_each_file_has_the_type_that_browsers_insist_on(get, name):
    response, content = get(f"/{name}")
    assert (response.status, content) == (200, f"the content of {name}")
    assert response.headers["Content-Type"] == TYPES[name]
    assert response.headers["Cache-Control"] == "no-cache"


def test_the_address_alone_is_the_first_document(get):
    assert get("/")[1] == "the content of index.html"


@pytest.mark.parametrize("path", ["/images/", "/images", "/nothing", "/../secret.txt"])
def test_no_folder_is_listed_and_nothing_outside_is_given(get, path, capfd):
    response, content = get(path)
    assert response.status in {301, 404}
    assert "b.png" not in content
    assert response.status == 301 or "code 404" in capfd.readouterr().err


def test_what_goes_well_is_not_logged(get, capfd):
    get("/index.html")
    assert capfd.readouterr() == ("", "")


def test_an_unchanged_file_is_not_sent_again_and_a_new_page_is(get, folder):
    first, _ = get("/a.js")
    known = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert get("/a.js", **known)[0].status == 304
    shutil.copytree(folder, folder.with_name("new"))
    (folder.with_name("new") / "index.html").write_text("new")
    folder.rename(folder.with_name("old"))
    folder.with_name("new").rename(folder)
    assert get("/")[1] == "new"


def test_only_this_machine_is_listened_to(folder):
    with serve.listen(str(folder), 0) as server:
        assert server.server_address[0] == "127.0.0.1"


def test_a_port_that_is_taken_leads_to_the_next_one(folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with serve.listen(str(folder), port) as server:
            assert port < server.server_port < port + 100


def test_without_a_page_it_says_how_to_build_one(tmp_path):
    with pytest.raises(serve.ServeError, match="found none; `make page` builds it"):
        serve.main(folder=str(tmp_path))


@pytest.mark.parametrize("port", ["x", "-1", "65536", "80.0", ""])
def test_what_is_no_port_is_refused(folder, port):
    with pytest.raises(serve.ServeError, match="expected a port from 0 to 65535, received"):
        serve.main(port, str(folder))


def test_an_interrupt_ends_it_without_a_word(folder):
    command = [sys.executable, "-c", INTERRUPTIBLE, "0", str(folder)]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        said = server.stdout.readline()
        address = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/ \(Ctrl-C stops it\)\n", said)
        connection = HTTPConnection("127.0.0.1", int(address[1]))
        connection.request("GET", "/")  # and the connection stays open
        assert connection.getresponse().status == 200
        server.send_signal(signal.SIGINT)
        out, err = server.communicate(timeout=60)
        connection.close()
    assert (server.returncode, out.strip(), err) == (0, "", "")
