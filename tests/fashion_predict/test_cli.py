import csv
import errno
import io
import json
import os
import select
import signal
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from warnings import warn_explicit

import numpy as np
import onnx
import pytest
from PIL import Image

from fashion import inference
from fashion_predict import command, images
from tests.conftest import ROOT
from tests.fashion_predict.conftest import METADATA, SHAPE, halves


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Images of every prediction and one that cannot be read."""
    left = np.zeros(SHAPE, np.uint8)
    left[:, :3] = 200
    images = {"left": left, "right": left[:, ::-1], "even": np.full(SHAPE, 100, np.uint8)}
    images["white"] = np.full(SHAPE, 255, np.uint8)
    images["white"][[0, 0, -1], [0, -1, 0]] = 0  # on a dark background
    for name, image in images.items():
        Image.fromarray(image).save(tmp_path / f"{name}.png")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(model_path, capsys):
    def run(*arguments):
        with pytest.raises(SystemExit) as stop:
            command.main(["--model", str(model_path), *arguments])
        return stop.value.code, *capsys.readouterr()

    return run


@pytest.fixture
def stdin(monkeypatch):
    def give(content):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))

    return give


def test_the_table_has_a_row_for_each_image(run, folder):
    code, out, err = run("left.png", "even.png", "white.png")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "halves, trained on Halves",
        "prediction               probability  second best          file",
        "left                       99.8%  right 0.2%           left.png",
        "not sure: left             50.0%  right 50.0%          even.png",
        "none of the classes                                    white.png",
    ]


def test_a_image_that_cannot_be_read_is_one_line_and_the_others_are_answered(run, folder):
    code, out, err = run("broken.png", "left.png", "missing.png", "right.png")
    assert code == 1
    assert [line.split()[0] for line in out.splitlines()[2:]] == ["left", "right"]
    broken, missing = err.splitlines()
    assert broken.startswith("broken.png: ")
    assert missing == "missing.png: No such file or directory"


def test_json_is_one_array_also_of_nothing(run, folder):
    code, out, _ = run("--format", "json", "left.png", "broken.png")
    left, broken = json.loads(out)
    assert code == 1
    assert left["file"] == "left.png"
    assert left["label"] == left["best"] == "left"
    assert left["probabilities"]["left"] == left["probability"] > 0.99
    assert (left["model"], left["data"]) == ("halves", "Halves")
    assert broken["file"] == "broken.png"
    assert broken["error"].startswith("expected one of PNG")
    assert list(broken) == ["file", "error"]
    (folder / "none.txt").touch()
    code, out, _ = run("--format", "json", "--files-from", "none.txt")
    assert (code, json.loads(out)) == (0, [])


def test_csv_has_a_column_for_the_error(run, folder):
    _, out, _ = run("--format", "csv", "left.png", "broken.png")
    left, broken = csv.DictReader(io.StringIO(out))
    assert (left["label"], left["second"], left["error"]) == ("left", "right", "")
    assert (left["model"], left["data"]) == ("halves", "Halves")
    assert [*left][-1] == "error"
    assert broken["file"] == "broken.png"
    assert broken["label"] == broken["model"] == ""
    assert broken["error"].startswith("expected one of PNG")


def test_rows_are_lines_with_both_best_classes(run, folder):
    _, out, _ = run("--format", "json", "left.png", "broken.png", "right.png")
    lines = out.splitlines()
    assert (lines[0], lines[-1]) == ("[", "]")
    assert [line[-1] for line in lines[1:-1]] == [",", ",", "}"]
    right = json.loads(lines[3])
    assert list(right["probabilities"]) == ["right", "left"]
    assert right["distance"] == pytest.approx(100 / 255)
    header, _, broken, row = csv.reader(
        io.StringIO(run("--format", "csv", "left.png", "broken.png", "right.png")[1])
    )
    cells = dict(zip(header, row, strict=True))
    for column, value in (("probability", "right"), ("second_probability", "left")):
        assert float(cells[column]) == right["probabilities"][value]
    assert (cells["best"], cells["second"], cells["error"]) == ("right", "left", "")
    assert float(cells["distance"]) == right["distance"]
    assert len(broken) == len(header)


def test_letters_of_any_language_stand_in_json_as_they_are(run, folder):
    (folder / "größe.png").write_bytes((folder / "left.png").read_bytes())
    assert '"größe.png"' in run("--format", "json", "größe.png")[1]


def test_columns_of_the_table_are_as_wide_as_the_longest_class(folder, capsys):
    names = ["a" * 30, "b"]
    onnx.save(halves(METADATA | {"classes": json.dumps(names)}), folder / "long.onnx")
    with pytest.raises(SystemExit):
        command.main(["--model", "long.onnx", "left.png", "even.png", "white.png"])
    *_, header, left, even, white = capsys.readouterr().out.splitlines()
    assert even.startswith(f"not sure: {names[0]}  ")
    places = [header.index("file"), *(row.index(".png") - 4 for row in (left, even))]
    assert {*places, white.index("white.png")} == {2 * 40 + 11 + 3 * 2}


def test_what_is_wrong_is_said_before_the_next_batch_is_read(folder, model_path):
    (folder / "names.txt").write_text("missing.png\n" * 64 + "-\n")
    read, write = os.pipe()
    with start(model_path, "--files-from", "names.txt", stdin=read) as process:
        os.close(read)
        said = select.select([process.stderr], [], [], 60)[0]  # while standard input is open
        os.close(write)
        assert said
        assert len(process.stderr.read().splitlines()) == 65


def test_a_bar_counts_every_image_and_errors_are_written_above_it(run, folder, monkeypatch):
    class Bar:
        count, lines = 0, []

        def update(self):
            self.count += 1

        def write(self, line, file):
            self.lines.append(line)

    bar = Bar()
    monkeypatch.setattr(answering, "_progress", lambda: nullcontext(bar))
    code, _, err = run("left.png", "missing.png", "right.png")
    assert (code, err) == (1, "")
    assert (bar.count, bar.lines) == (3, ["missing.png: No such file or directory"])


@pytest.mark.parametrize("error", [True, False])
@pytest.mark.parametrize("output", [True, False])
def test_a_bar_is_shown_on_a_terminal_to_which_no_rows_are_written(monkeypatch, error, output):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: error, raising=False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: output, raising=False)
    with answering._progress() as bar:
        assert (bar is not None) == (error and not output)
        assert bar is None or bar.delay == 2  # seconds


def test_a_image_on_standard_input_may_be_as_large_as_a_file(run, folder, stdin, monkeypatch):
    content = (folder / "left.png").read_bytes()
    for module in (answering, images):
        monkeypatch.setattr(module, "MAX_BYTES", len(content))
    stdin(content)
    assert run("-")[::2] == (0, "")
    stdin(content + b"x")
    code, _, err = run("-")
    assert (code, err) == (1, f"standard input: larger than {len(content)} bytes; reduce it\n")


def test_a_warning_of_pillow_is_no_error(run, folder, monkeypatch):
    def read(*_):
        warn_explicit("odd", UserWarning, "PIL/Image.py", 1, module="PIL.Image")
        return np.zeros(SHAPE, np.uint8)

    monkeypatch.setattr(inference.classifier, "read_image", read)
    assert run("left.png")[::2] == (0, "")


def test_folders_and_patterns_are_searched(run, folder):
    code, out, err = run(".", "?eft.png")
    assert code == 1
    assert len(out.splitlines()) == 2 + 4 + 1
    assert len(err.splitlines()) == 1


def test_standard_input_is_a_image_or_names(run, folder, stdin):
    stdin((folder / "left.png").read_bytes())
    assert run("-")[1].splitlines()[2].startswith("left ")
    stdin(b"left.png\n\nright.png\r\n")
    assert len(run("--files-from", "-")[1].splitlines()) == 4
    stdin(b"left.png\n-\n")
    code, out, err = run("--files-from", "-")
    assert (code, len(out.splitlines())) == (1, 3)
    assert err == "standard input: expected an image, received an empty file\n"
    stdin(b"")
    assert run("-")[::2] == (1, "standard input: expected an image, received an empty file\n")


def test_more_than_a_batch_is_answered_in_order(run, folder):
    names = ["left.png", "broken.png", "right.png"] * 60
    (folder / "names.txt").write_text("\n".join(names))
    _, out, err = run("--format", "json", "--files-from", "names.txt")
    rows = json.loads(out)
    assert [row["file"] for row in rows] == names
    assert [row.get("label") for row in rows] == ["left", None, "right"] * 60
    assert len(err.splitlines()) == 60


def test_what_a_terminal_would_obey_is_not_printed(run, folder):
    odd = "a\x1b[31m\nb.png"
    (folder / odd).write_bytes((folder / "left.png").read_bytes())
    assert run(odd)[1].splitlines()[2].endswith("a?[31m?b.png")
    assert run(f"no{odd}")[2] == "noa?[31m?b.png: no file matches this pattern\n"


@pytest.mark.parametrize(
    "name", ["9.41\u202fAM.png", "می\u200cروم.png", "👩\u200d🔬.png", "\uff12.png"]
)
def test_names_are_shown_as_they_can_be_typed(run, folder, name):
    (folder / name).write_bytes((folder / "left.png").read_bytes())
    assert run(name)[1].splitlines()[2].endswith(f"  {name}")


NAMES = ["007", "1e5"]


def test_class_names_that_look_like_numbers_and_hostile_ones_stay_texts(folder, capsys):
    odd = METADATA | {"classes": json.dumps(NAMES), "name": "1e5", "data": "36.50\x1b[31m"}
    onnx.save(halves(odd), folder / "odd.onnx")
    out = {}
    for form in ("table", "json", "csv"):
        with pytest.raises(SystemExit):
            command.main(["--model", "odd.onnx", "--format", form, "left.png"])
        out[form] = capsys.readouterr().out
    title, _, row = out["table"].splitlines()
    assert title == "1e5, trained on 36.50?[31m"
    assert row.split() == ["007", "99.8%", "1e5", "0.2%", "left.png"]
    (prediction,) = json.loads(out["json"])
    assert (prediction["best"], prediction["model"], [*prediction["probabilities"]]) == (
        "007",
        "1e5",
        NAMES,
    )
    (prediction,) = csv.DictReader(io.StringIO(out["csv"]))
    assert (prediction["label"], prediction["second"], prediction["model"]) == ("007", "1e5", "1e5")


def test_what_a_terminal_would_obey_in_a_class_name_is_not_printed(folder, capsys):
    onnx.save(halves(METADATA | {"classes": '["a\\u001b[31m", "b"]'}), folder / "odd.onnx")
    with pytest.raises(SystemExit):
        command.main(["--model", "odd.onnx", "left.png"])
    assert capsys.readouterr().out.splitlines()[2].startswith("a?[31m ")


def test_names_that_are_no_text_are_answered(run, folder):
    odd = os.fsdecode(b"\xff.png")
    (folder / odd).write_bytes((folder / "left.png").read_bytes())
    code, out, _ = run("--format", "json", odd)
    assert code == 0
    assert json.loads(out)[0]["file"] == odd


@pytest.mark.parametrize("content", [b"\xef\xbb\xbfleft.png\r\nx\ny\n", b"left.png\0x\ny\0"])
def test_names_may_begin_with_a_byte_order_mark_and_end_with_zeros(run, folder, content):
    (folder / "x\ny").write_bytes((folder / "left.png").read_bytes())
    (folder / "names.txt").write_bytes(content)
    _, out, _ = run("--format", "json", "--files-from", "names.txt")
    names = ["left.png", "x\ny"] if b"\0" in content else ["left.png", "x", "y"]
    assert [row["file"] for row in json.loads(out)] == names


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--files-from", "-", "-"], "standard input: named twice\n"),
        (["--files-from", "no.txt"], "no.txt: No such file or directory\n"),
        (["--files-from", "."], ".: Is a directory\n"),
    ],
)
def test_names_that_cannot_be_read_are_one_line_and_exit_with_2(run, folder, arguments, line):
    assert run(*arguments) == (2, "", line)


def test_errors_of_standard_input_are_said_to_be_its_own(run, folder, monkeypatch):
    class Broken(io.BytesIO):
        def read(self, *_):
            raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Broken()))
    line = "standard input: Input/output error\n"
    assert run("-", "left.png")[::2] == (1, line)
    assert run("--files-from", "-") == (2, "", line)


CLOSED = [
    (["left.png"], ">&-", 2, b"standard output: closed\n"),
    (["-"], "<&-", 2, b"standard input: closed\n"),
    (["--files-from", "-"], "<&-", 2, b"standard input: closed\n"),
    (["--files-from", "stdin.txt"], "<&-", 1, b"standard input: closed\n"),
    (["left.png"], "2>&-", 0, b""),
    (["broken.png", "left.png"], "2>&-", 1, b""),
    (["left.png"], "<&- >&- 2>&-", 2, b""),
]


@pytest.mark.parametrize(("arguments", "closed", "code", "line"), CLOSED)
def test_a_closed_stream_is_one_line(folder, model_path, arguments, closed, code, line):
    (folder / "stdin.txt").write_text("-\n")
    shell = ["sh", "-c", f'exec "$@" {closed}', "sh"]
    done = start(model_path, *arguments, shell=shell)
    out, err = done.communicate()
    assert (done.returncode, err) == (code, line)
    assert (b"left.png" in out) == (code != 2 and "left.png" in arguments)


@pytest.mark.parametrize("arguments", [[], ["--format", "xml", "a.png"]])
def test_wrong_usage_exits_with_2(run, arguments):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert "usage: fashion-predict" in err


def test_a_missing_model_exits_with_2(run):
    code, _, err = run("--model", "no.onnx", "a.png")
    assert code == 2
    assert err.startswith("no.onnx: expected an exported model, found no file")


def test_an_interrupt_is_quiet(run, folder, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(answering, "find_images", interrupt)
    assert run("left.png") == (130, "", "")


INTERRUPTED_IMPORT = """
import os, signal, sys
class Interrupting:
    def find_spec(self, name, *_):
        if name == "onnxruntime":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
from fashion_predict.cli import main
main(["left.png"])
"""


def test_an_interrupt_while_it_starts_is_quiet(folder):
    done = python("-c", INTERRUPTED_IMPORT)
    assert done.communicate() == (b"", b"")
    assert done.returncode == -signal.SIGINT  # which shells show as 130


def test_libraries_add_nothing_to_the_one_line(folder, model_path):
    """libtiff prints by itself that the Huffman table is broken."""
    Image.new("RGB", (99, 99)).save(folder / "table.tiff", compression="jpeg")
    content = (folder / "table.tiff").read_bytes()
    (folder / "table.tiff").write_bytes(content.replace(b"\xff\xc4", b"\xff\xc4\0", 1))
    done = start(model_path, "table.tiff")
    _, err = done.communicate()
    assert done.returncode == 1
    assert err.startswith(b"table.tiff: broken or cut off: ")
    assert len(err.splitlines()) == 1


def test_a_reader_that_goes_away_ends_it_quietly(folder, model_path):
    (folder / "names.txt").write_text("left.png\n" * 20_000)
    with start(model_path, "--files-from", "names.txt") as process:
        assert process.stdout.readline() == b"halves, trained on Halves\n"
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_complaints_that_nobody_takes_change_no_exit_code(folder, model_path):
    with Path("/dev/full").open("wb") as full:
        done = start(model_path, "broken.png", "left.png", stderr=full)
        assert b"left.png" in done.communicate()[0]
    assert done.returncode == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk_is_one_line(folder, model_path):
    with Path("/dev/full").open("wb") as full:
        done = start(model_path, "left.png", stdout=full)
        assert done.communicate()[1] == b"standard output: No space left on device\n"
    assert done.returncode == 1


def test_nothing_is_written_into_the_home_of_the_user(folder, model_path, monkeypatch):
    for name in ("XDG_CACHE_HOME", "ORT_DISABLE_TELEMETRY"):
        monkeypatch.delenv(name, raising=False)
    (folder / "home").mkdir()
    monkeypatch.setenv("HOME", str(folder / "home"))
    assert b"left.png" in start(model_path, "left.png").communicate()[0]
    assert list((folder / "home").iterdir()) == []


def start(model_path, *arguments, **options):
    return python("-m", command.__name__, "--model", model_path, *arguments, **options)


def python(*arguments, stdin=None, stdout=subprocess.PIPE, stderr=subprocess.PIPE, shell=()):
    return subprocess.Popen(
        [*shell, sys.executable, *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
    )
