import errno
import gzip
import http.server
import threading
from functools import partial

import pytest

from fashion.config.download import DebianSource, DirectorySource, UrlSource
from fashion.download.fetch import fetch
from fashion.download.sources import SourceError

NOWHERE = UrlSource(url="http://127.0.0.1:9")


@pytest.fixture
def serve():
    """Start a web server for a folder; return its address and the list of requested paths."""
    running = []

    def start(folder, respond=None):
        requests = []

        class Handler(http.server.SimpleHTTPRequestHandler):
            def do_GET(self):
                requests.append(self.path)
                if not (respond and respond(self, len(requests))):
                    super().do_GET()

            def log_message(self, *_):
                pass

        handler = partial(Handler, directory=str(folder))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return UrlSource(url=f"http://127.0.0.1:{server.server_port}"), requests

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture
def compressed(idx_folder, tmp_path):
    folder = tmp_path / "compressed"
    folder.mkdir()
    for path in idx_folder.iterdir():
        (folder / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    return folder


@pytest.fixture
def raw(tmp_path):
    return tmp_path / "data" / "raw"


@pytest.fixture
def run(raw, digests, capsys):
    """Fetch into `raw`; return the printed lines. Nothing may be left beside it."""

    def run(*sources, retries=0):
        try:
            fetch(sources, digests, raw, connect_seconds=2.0, retries=retries)
        finally:
            assert [path.name for path in raw.parent.iterdir()] == ["raw"]
        return capsys.readouterr().out.splitlines()

    return run


@pytest.fixture
def failure(run, raw, capsys):
    """The line that is printed for a source that fails."""

    def fail(source):
        with pytest.raises(SourceError, match="no source has t10k-images-idx3-ubyte, "):
            run(source)
        assert list(raw.iterdir()) == []
        return capsys.readouterr().out.strip()

    return fail


def assert_complete(raw, idx_folder):
    assert {path.name: path.read_bytes() for path in raw.iterdir()} == {
        path.name: path.read_bytes() for path in idx_folder.iterdir()
    }


@pytest.mark.parametrize("is_compressed", [True, False])
def test_a_web_folder_may_have_compressed_or_plain_files(
    run, raw, serve, idx_folder, compressed, is_compressed
):
    source, _ = serve(compressed if is_compressed else idx_folder)
    run(source)
    assert_complete(raw, idx_folder)


def test_the_next_source_is_asked_only_for_missing_files(run, raw, serve, idx_folder, compressed):
    for path in sorted(compressed.iterdir())[2:]:
        path.unlink()
    first, _ = serve(compressed)
    second, requests = serve(idx_folder)
    lines = run(first, second)
    assert len(lines) == 2
    assert "404" in lines[0]
    assert_complete(raw, idx_folder)
    assert len({path.removesuffix(".gz") for path in requests}) == 2


def test_a_failed_transfer_is_repeated(run, raw, serve, idx_folder, compressed):
    source, requests = serve(compressed, lambda handler, count: count == 1 and fail(handler))
    run(source, retries=1)
    assert_complete(raw, idx_folder)
    assert requests[0] == requests[1]


def fail(handler):
    handler.send_error(503)
    return True


def send(content, length):
    def respond(handler, _):
        handler.send_response(200)
        handler.send_header("Content-Length", str(length))
        handler.end_headers()
        handler.wfile.write(content)
        return True

    return respond


@pytest.mark.parametrize(
    ("content", "length", "reason"),
    [
        (b"<!DOCTYPE html><title>Sign in</title>", 37, "expected content with the SHA-256"),
        (b"x" * 100, 1000, "IncompleteRead"),
    ],
    ids=["another page", "cut short"],
)
def test_wrong_responses_are_refused(failure, serve, compressed, content, length, reason):
    assert reason in failure(serve(compressed, send(content, length))[0])


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda content: content[:-20], "cannot be read"),
        (lambda content: content[:50] + b"\0\0\0" + content[53:], "cannot be read"),
        (lambda content: gzip.compress(gzip.decompress(content) + b"\0"), "expected content with"),
        (lambda content: b"", "expected content with"),
    ],
    ids=["truncated", "tampered", "a byte more", "empty"],
)
def test_damaged_archives_are_refused(failure, compressed, damage, reason):
    for path in compressed.iterdir():
        path.write_bytes(damage(path.read_bytes()))
    assert reason in failure(DirectorySource(directory=str(compressed)))


def test_a_full_disk_is_not_the_fault_of_a_source(run, raw, compressed, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left on device"):
        run(DirectorySource(directory=str(compressed)))
    assert list(raw.iterdir()) == []


def test_files_in_place_are_not_fetched_again(run, raw, serve, idx_folder, compressed):
    source, requests = serve(compressed)
    run(source)
    requests.clear()
    assert run(source) == ["4 files in place, content verified"]
    assert requests == []
    (raw / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(SourceError, match="no source has t10k-labels-idx1-ubyte; get"):
        run(NOWHERE)
    assert len(list(raw.iterdir())) == 3
    (raw / "t10k-labels-idx1-ubyte").symlink_to(idx_folder / "t10k-labels-idx1-ubyte")
    assert run()[-1] == "4 files in place, content verified"


@pytest.fixture
def mine(raw):
    """Put files of a user into `raw`."""

    def put(*names):
        for name in names:
            (raw / name).parent.mkdir(parents=True, exist_ok=True)
            (raw / name).write_text("the only copy")
        return list(names)

    return put


@pytest.mark.parametrize("names", [("cat.0.png", "images.zip"), ("t10k-labels-idx1-ubyte",)])
def test_files_of_a_user_are_named_and_never_removed(
    run, raw, serve, compressed, idx_folder, tmp_path, mine, names
):
    source, requests = serve(compressed)
    mine(*names)
    with pytest.raises(SourceError, match="DVC's cache does not hold them") as error:
        run(source)
    assert all(name in str(error.value) for name in names)
    assert {path.name for path in raw.iterdir()} == set(names)
    assert requests == []
    (tmp_path / "elsewhere").mkdir()
    for name in names:
        (raw / name).rename(tmp_path / "elsewhere" / name)
    run(source)
    assert_complete(raw, idx_folder)


def test_cached_files_are_removed_after_everything_is_fetched(
    run, raw, compressed, idx_folder, mine, monkeypatch
):
    monkeypatch.setattr("fashion.download.removal._is_cached", lambda *_: True)
    mine("another-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
    with pytest.raises(SourceError, match="no source has"):
        run(NOWHERE)
    assert len(list(raw.iterdir())) == 2
    run(DirectorySource(directory=str(compressed)))
    assert_complete(raw, idx_folder)


@pytest.mark.parametrize("name", ["cats", "t10k-labels-idx1-ubyte"])
def test_folders_are_refused_before_any_source_is_asked(run, raw, serve, compressed, mine, name):
    source, requests = serve(compressed)
    mine(f"{name}/1.png")
    with pytest.raises(SourceError, match=f"found the folder {name}; move it away, or"):
        run(source)
    assert (raw / name / "1.png").exists()
    assert requests == []


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """A folder of stand-ins for apt-get and dpkg-deb, first on PATH."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")

    def add(name, script):
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)

    return add


PACKAGE = DebianSource(debian="dataset-small", folder="/usr/share/small")


def test_a_package_is_downloaded_and_unpacked(run, raw, idx_folder, compressed, programs):
    programs("apt-get", 'case "$*" in *"download dataset-small") echo > dataset-small.deb;; esac')
    programs("dpkg-deb", f'mkdir -p "$3/usr/share/small" && cp {compressed}/* "$3/usr/share/small"')
    run(PACKAGE)
    assert_complete(raw, idx_folder)
