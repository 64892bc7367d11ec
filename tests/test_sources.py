import errno
import gzip
import http.server
import re
import socket
import threading
from functools import partial
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fashion import sources
from fashion.params import DebianSource, DirectorySource, SiteSource, UrlSource
from fashion.sources import SourceError, fetch


@pytest.fixture
def serve():
    """Start a web server on a folder; give its address and the list of paths asked for."""
    running = []

    def start(folder, answer=None):
        asked = []

        class Handler(http.server.SimpleHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                if not (answer and answer(self, len(asked))):
                    super().do_GET()

            def log_message(self, *_):
                pass

        handler = partial(Handler, directory=str(folder))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return UrlSource(url=f"http://127.0.0.1:{server.server_port}"), asked

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
def attempt(tmp_path, hashes):
    """Fetch from sources into `raw`; give the lines reported. Nothing else may be left behind."""
    raw = tmp_path / "data" / "raw"

    def run(*from_sources, connect_seconds=2.0, retries=0, max_megabytes=1):
        lines = []
        try:
            fetch(
                from_sources,
                hashes,
                raw,
                connect_seconds=connect_seconds,
                retries=retries,
                max_megabytes=max_megabytes,
                report=lines.append,
            )
        finally:
            assert [path.name for path in raw.parent.iterdir()] == ["raw"]
        return lines

    run.raw = raw
    return run


def assert_complete(attempt, idx_folder):
    assert sorted(path.name for path in attempt.raw.iterdir()) == sorted(
        path.name for path in idx_folder.iterdir()
    )
    for path in idx_folder.iterdir():
        assert (attempt.raw / path.name).read_bytes() == path.read_bytes()


def reported(attempt, capsys, source, **settings):
    """What a source that fails is reported with."""
    with pytest.raises(SourceError, match="no source gave"):
        fetch(
            [source],
            settings.pop("sha256"),
            attempt.raw,
            connect_seconds=settings.pop("connect_seconds", 2.0),
            retries=settings.pop("retries", 0),
            max_megabytes=1,
        )
    assert list(attempt.raw.iterdir()) == []
    assert [path.name for path in attempt.raw.parent.iterdir()] == ["raw"]
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    return lines[0]


def test_a_folder_gives_plain_and_compressed_files(attempt, idx_folder, compressed):
    first = next(compressed.iterdir())
    first.unlink()
    (compressed / first.stem).write_bytes((idx_folder / first.stem).read_bytes())
    lines = attempt(DirectorySource(directory=str(compressed)))
    assert len(lines) == 1
    assert_complete(attempt, idx_folder)


def test_a_web_folder_gives_compressed_files(attempt, serve, idx_folder, compressed):
    source, asked = serve(compressed)
    attempt(source)
    assert_complete(attempt, idx_folder)
    assert all(path.endswith(".gz") for path in asked)


def test_a_site_is_the_web_folder_of_its_name(attempt, serve, idx_folder, compressed, monkeypatch):
    monkeypatch.setitem(sources.SITES, "keras", str(serve(compressed)[0].url))
    attempt(SiteSource(site="keras"))
    assert_complete(attempt, idx_folder)


def test_every_site_of_the_params_has_its_address():
    assert set(sources.SITES) == set(get_args(SiteSource.model_fields["site"].annotation))


def test_a_web_folder_may_hold_plain_files(attempt, serve, idx_folder):
    source, _ = serve(idx_folder)
    attempt(source)
    assert_complete(attempt, idx_folder)


def test_the_next_source_is_asked_for_what_is_missing_only(attempt, serve, idx_folder, compressed):
    for path in sorted(compressed.iterdir())[2:]:
        path.unlink()
    first, _ = serve(compressed)
    second, asked = serve(idx_folder)
    lines = attempt(first, second)
    assert len(lines) == 2
    assert "404" in lines[0] or "Not Found" in lines[0]
    assert_complete(attempt, idx_folder)
    assert len({path.removesuffix(".gz") for path in asked}) == 2


def test_a_transfer_that_breaks_is_tried_again(attempt, serve, idx_folder, compressed):
    def fail_once(handler, count):
        if count == 1:
            handler.send_error(503)
        return count == 1

    source, asked = serve(compressed, fail_once)
    attempt(source, retries=1)
    assert_complete(attempt, idx_folder)
    assert asked[0] == asked[1]


def test_a_page_instead_of_data_is_named_as_such(attempt, serve, capsys, compressed, hashes):
    def page(handler, _):
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b"<!DOCTYPE html><title>Sign in</title>")
        return True

    line = reported(attempt, capsys, serve(compressed, page)[0], sha256=hashes)
    assert re.search(r"expected content with SHA-256 \w{64}, received \w{64}; it is a web", line)


def test_a_transfer_cut_short_is_refused(attempt, serve, capsys, compressed, hashes):
    def cut(handler, _):
        content = b"x" * 100
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(content)
        return True

    line = reported(attempt, capsys, serve(compressed, cut)[0], sha256=hashes)
    assert "IncompleteRead" in line


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda content: content[:-20], "cannot be unpacked"),
        (lambda content: content[:50] + b"\0\0\0" + content[53:], "cannot be unpacked"),
        (lambda content: content[:10], "cannot be unpacked"),
        (lambda content: gzip.compress(gzip.decompress(content)[:-1]), "expected content with"),
        (lambda content: gzip.compress(gzip.decompress(content) + b"\0"), "expected content with"),
        (lambda content: b"", "expected content with"),
    ],
    ids=["truncated", "tampered", "header only", "a byte less", "a byte more", "empty"],
)
def test_damaged_archives_are_refused(attempt, capsys, compressed, hashes, damage, reason):
    for path in compressed.iterdir():
        path.write_bytes(damage(path.read_bytes()))
    source = DirectorySource(directory=str(compressed))
    assert reason in reported(attempt, capsys, source, sha256=hashes)


def test_an_archive_that_unpacks_without_end_is_given_up_on_the_way(
    attempt, capsys, compressed, hashes
):
    name = next(iter(hashes))
    with gzip.open(compressed / f"{name}.gz", "wb") as stream:
        for _ in range(64):
            stream.write(bytes(1 << 20))
    line = reported(attempt, capsys, DirectorySource(directory=str(compressed)), sha256=hashes)
    assert f"{name}.gz: holds more than download.max_megabytes = 1" in line


def test_a_full_disk_is_not_taken_for_a_bad_source(attempt, compressed, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left on device"):
        attempt(DirectorySource(directory=str(compressed)))
    assert list(attempt.raw.iterdir()) == []


@settings(deadline=None)
@given(st.binary(max_size=200), st.sampled_from([b"", b"\x1f\x8b", b"\x1f\x8b\x08\x00"]))
def test_any_bytes_from_a_source_are_refused_in_a_clean_way(tmp_path_factory, content, start):
    folder = tmp_path_factory.mktemp("any")
    (folder / "source").mkdir()
    (folder / "source" / "x").write_bytes(start + content)
    with pytest.raises(SourceError, match="no source gave x"):
        fetch(
            [DirectorySource(directory=str(folder / "source"))],
            {"x": "0" * 64},
            folder / "raw",
            connect_seconds=1,
            retries=0,
            max_megabytes=1,
            report=bool,
        )
    assert list((folder / "raw").iterdir()) == []


def test_a_host_that_refuses_is_given_up(attempt, capsys, hashes):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    source = UrlSource(url=f"http://127.0.0.1:{port}")
    line = reported(attempt, capsys, source, sha256=hashes)
    assert line.endswith("cannot reach 127.0.0.1: Connection refused")


def test_a_host_that_never_answers_is_given_up(attempt, capsys, hashes, monkeypatch):
    released = threading.Event()

    def hang(*_, **__):
        released.wait()
        raise TimeoutError

    monkeypatch.setattr(sources.socket, "create_connection", hang)
    source = UrlSource(url="http://nowhere.invalid")
    line = reported(attempt, capsys, source, sha256=hashes, connect_seconds=0.05)
    released.set()
    assert line.endswith("cannot reach nowhere.invalid: no answer within 0.05 s")


def test_a_folder_without_the_files_is_named(attempt, capsys, tmp_path, hashes):
    line = reported(attempt, capsys, DirectorySource(directory=str(tmp_path)), sha256=hashes)
    assert "holds neither t10k-images-idx3-ubyte nor t10k-images-idx3-ubyte.gz" in line


def test_an_installed_package_is_read_where_it_is(attempt, idx_folder, compressed):
    attempt(DebianSource(debian="dataset-small", folder=str(compressed)))
    assert_complete(attempt, idx_folder)


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """A folder of stand-ins for apt-get and dpkg-deb, alone on PATH with the shell's own."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")

    def add(name, script):
        program = folder / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)

    return add


def test_a_package_is_downloaded_and_unpacked_where_it_is_not_installed(
    attempt, idx_folder, compressed, programs
):
    programs("apt-get", 'case "$*" in *"download dataset-small") echo > dataset-small.deb;; esac')
    programs("dpkg-deb", f'mkdir -p "$3/usr/share/small" && cp {compressed}/* "$3/usr/share/small"')
    attempt(DebianSource(debian="dataset-small", folder="/usr/share/small"))
    assert_complete(attempt, idx_folder)


def test_a_package_that_is_not_there_is_reported(attempt, capsys, programs, hashes):
    programs("apt-get", 'case "$*" in *download*) echo "E: Unable to locate" >&2; exit 100;; esac')
    programs("dpkg-deb", "exit 0")
    source = DebianSource(debian="dataset-small", folder="/usr/share/small")
    line = reported(attempt, capsys, source, sha256=hashes)
    assert line == "dataset-small: apt-get failed: E: Unable to locate"


def test_a_machine_without_apt_is_told_so(attempt, capsys, monkeypatch, tmp_path, hashes):
    monkeypatch.setenv("PATH", str(tmp_path))
    source = DebianSource(debian="dataset-small", folder="/usr/share/small")
    assert "has no apt-get and dpkg-deb" in reported(attempt, capsys, source, sha256=hashes)


def test_the_hashes_in_params_are_those_of_fashion_mnist(committed_params):
    published = {
        "train-images-idx3-ubyte": "c59f468a2f672dc8",
        "train-labels-idx1-ubyte": "bad3541b69d91243",
        "t10k-images-idx3-ubyte": "5b4141f0afbad91e",
        "t10k-labels-idx1-ubyte": "0402a96d92fd2663",
    }
    committed = committed_params.download.sha256
    assert {name: value[:16] for name, value in committed.items()} == published
