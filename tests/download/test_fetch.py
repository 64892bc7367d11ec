import errno
import gzip
import http.server
import re
import socket
import threading
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fashion.config.download import DebianSource, DirectorySource, UrlSource
from fashion.download.fetch import fetch
from fashion.download.sources import SourceError


@pytest.fixture
def serve():
    """Start a web server on a folder; give its address and the list of paths asked for."""
    running = []

    def start(folder, prediction=None):
        asked = []

        class Handler(http.server.SimpleHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                if not (prediction and prediction(self, len(asked))):
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
def attempt(tmp_path, digests):
    """Fetch from sources into `raw`; give the lines reported. Nothing else may be left behind."""
    raw = tmp_path / "data" / "raw"

    def run(*from_sources, connect_seconds=2.0, retries=0):
        lines = []
        try:
            fetch(
                from_sources,
                digests,
                raw,
                connect_seconds=connect_seconds,
                retries=retries,
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
            settings.pop("digests"),
            attempt.raw,
            connect_seconds=settings.pop("connect_seconds", 2.0),
            retries=settings.pop("retries", 0),
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


def test_a_page_instead_of_data_is_refused_by_its_checksum(
    attempt, serve, capsys, compressed, digests
):
    def page(handler, _):
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b"<!DOCTYPE html><title>Sign in</title>")
        return True

    line = reported(attempt, capsys, serve(compressed, page)[0], digests=digests)
    assert re.search(r"checksum mismatch of the content: expected SHA-256 \w{64}, received", line)


def test_a_transfer_cut_short_is_refused(attempt, serve, capsys, compressed, digests):
    def cut(handler, _):
        content = b"x" * 100
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(content)
        return True

    line = reported(attempt, capsys, serve(compressed, cut)[0], digests=digests)
    assert "IncompleteRead" in line


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda content: content[:-20], "cannot be read"),
        (lambda content: content[:50] + b"\0\0\0" + content[53:], "cannot be read"),
        (lambda content: content[:10], "cannot be read"),
        (
            lambda content: gzip.compress(gzip.decompress(content)[:-1]),
            "checksum mismatch of the content",
        ),
        (
            lambda content: gzip.compress(gzip.decompress(content) + b"\0"),
            "checksum mismatch of the content",
        ),
        (lambda content: b"", "checksum mismatch of the content"),
    ],
    ids=["truncated", "tampered", "header only", "a byte less", "a byte more", "empty"],
)
def test_damaged_archives_are_refused(attempt, capsys, compressed, digests, damage, reason):
    for path in compressed.iterdir():
        path.write_bytes(damage(path.read_bytes()))
    source = DirectorySource(directory=str(compressed))
    assert reason in reported(attempt, capsys, source, digests=digests)


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
            report=bool,
        )
    assert list((folder / "raw").iterdir()) == []


def test_a_host_that_refuses_is_given_up(attempt, capsys, digests):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    source = UrlSource(url=f"http://127.0.0.1:{port}")
    line = reported(attempt, capsys, source, digests=digests)
    assert line.endswith("Connection refused")


def test_files_that_are_in_place_are_not_fetched_again(attempt, serve, idx_folder, compressed):
    source, asked = serve(compressed)
    attempt(source)
    del asked[:]
    assert attempt(source) == ["4 files in place, content verified"]
    assert asked == []


@pytest.fixture
def mine(attempt):
    """Put files of a user into `raw`, where no DVC is."""

    def put(*names):
        for name in names:
            (attempt.raw / name).parent.mkdir(parents=True, exist_ok=True)
            (attempt.raw / name).write_text("the only copy")
        return list(names)

    return put


@pytest.mark.parametrize(
    "names",
    [
        ("cat.0.png", "dog.0.png", "images.zip"),
        ("labels.csv",),
        ("t10k-labels-idx1-ubyte",),
        ("train-images-idx3-ubyte.gz",),
    ],
)
def test_files_of_a_user_are_named_and_stay_until_they_are_moved(
    attempt, serve, compressed, idx_folder, tmp_path, mine, names
):
    source, asked = serve(compressed)
    mine(*names)
    with pytest.raises(
        SourceError, match="removed or replaced, and DVC's cache does not hold them"
    ) as told:
        attempt(source)
    assert all(name in str(told.value) for name in names)
    assert {path.name for path in attempt.raw.iterdir()} == set(names)
    assert asked == []
    (tmp_path / "elsewhere").mkdir()
    for name in names:
        (attempt.raw / name).rename(tmp_path / "elsewhere" / name)
    attempt(source)
    assert_complete(attempt, idx_folder)


def test_files_that_the_cache_holds_make_room_once_all_is_fetched(
    attempt, compressed, idx_folder, mine, monkeypatch
):
    monkeypatch.setattr("fashion.download.removal._is_cached", lambda *_: True)
    mine("another-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
    with pytest.raises(SourceError, match="no source gave"):
        attempt(UrlSource(url="http://127.0.0.1:9"))
    assert len(list(attempt.raw.iterdir())) == 2
    attempt(DirectorySource(directory=str(compressed)))
    assert_complete(attempt, idx_folder)


def test_what_systems_leave_beside_the_files_stays(attempt, compressed, mine):
    names = mine(".DS_Store", "Thumbs.db", "a~", "__MACOSX/._a")
    attempt(DirectorySource(directory=str(compressed)))
    assert all((attempt.raw / name).exists() for name in names)
    assert len(list(attempt.raw.iterdir())) == 8


@pytest.mark.parametrize("name", ["cats", "t10k-labels-idx1-ubyte"])
def test_a_folder_is_refused_before_any_source_is_asked(attempt, serve, compressed, mine, name):
    source, asked = serve(compressed)
    mine(f"{name}/1.png")
    with pytest.raises(SourceError, match=f"holds the folder {name}, .* move it away"):
        attempt(source)
    assert (attempt.raw / name / "1.png").exists()
    assert asked == []


def test_a_link_to_a_file_with_the_right_content_is_that_file(attempt, idx_folder):
    attempt.raw.mkdir(parents=True)
    for path in idx_folder.iterdir():
        (attempt.raw / path.name).symlink_to(path)
    assert attempt() == ["4 files in place, content verified"]


def test_a_failed_download_leaves_what_was_there(attempt, serve, idx_folder, compressed):
    source, _ = serve(compressed)
    attempt(source)
    (attempt.raw / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(SourceError, match="no source gave t10k-labels-idx1-ubyte"):
        attempt(UrlSource(url="http://127.0.0.1:9"))
    assert len(list(attempt.raw.iterdir())) == 3


def test_a_folder_without_the_files_is_named(attempt, capsys, tmp_path, digests):
    line = reported(attempt, capsys, DirectorySource(directory=str(tmp_path)), digests=digests)
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


def test_a_package_that_is_not_there_is_reported(attempt, capsys, programs, digests):
    programs("apt-get", 'case "$*" in *download*) echo "E: Unable to locate" >&2; exit 100;; esac')
    programs("dpkg-deb", "exit 0")
    source = DebianSource(debian="dataset-small", folder="/usr/share/small")
    line = reported(attempt, capsys, source, digests=digests)
    assert line == "dataset-small: apt-get failed: E: Unable to locate"


def test_a_machine_without_apt_is_told_so(attempt, capsys, monkeypatch, tmp_path, digests):
    monkeypatch.setenv("PATH", str(tmp_path))
    source = DebianSource(debian="dataset-small", folder="/usr/share/small")
    assert "has no apt-get and dpkg-deb" in reported(attempt, capsys, source, digests=digests)
