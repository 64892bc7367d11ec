import csv
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from warnings import warn_explicit

import numpy as np
import pytest
from PIL import Image

from fashion_predict import classifier, cli
from tests.conftest import ROOT
from tests.fashion_predict.conftest import SHAPE, save_halves

pytestmark = pytest.mark.usefixtures("images")


@pytest.fixture
def run(model_path, capsys):
    def run(*arguments):
        with pytest.raises(SystemExit) as stop:
            cli.main(["--model", str(model_path), *arguments])
        return stop.value.code, *capsys.readouterr()

    return run


@pytest.fixture
def start(model_path):
    """Starts the command in a process, with the streams that the shell gets in `redirection`."""

    def start(*arguments, redirection="", **options):
        command = [sys.executable, "-m", "fashion_predict.cli", "--model", model_path, *arguments]
        return subprocess.Popen(
            ["sh", "-c", f'exec "$@" {redirection}', "sh", *command],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **options,
        )

    return start


def copy_as(name):
    Path(name).write_bytes(Path("left.png").read_bytes())


def test_the_table_has_predictions_and_stderr_the_errors(run):
    code, out, err = run("left.png", "broken.png", "even.png", "white.png", "missing.png")
    assert out.splitlines() == [
        "halves, trained on Halves",
        "prediction           probability  second best          file",
        "left                       99.8%  right 0.2%           left.png",
        "not sure: left             50.0%  right 50.0%          even.png",
        "none of the classes                                    white.png",
    ]
    broken, missing = err.splitlines()
    assert broken.startswith("broken.png: expected one of PNG")
    assert missing == "missing.png: No such file or directory"
    assert code == 1


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout of the project with two networks, the one for photographs among them."""
    (tmp_path / "params.yaml").write_text("data:\n  name: Halves\n")
    (tmp_path / "models").mkdir()
    for name, dataset in {"halves": "Halves", "clothing": "Clothing"}.items():
        save_halves(tmp_path / f"models/{name}.onnx", name=name, dataset=dataset)
    monkeypatch.setattr(classifier, "CHECKOUT", tmp_path)


def exit_code(*arguments):
    with pytest.raises(SystemExit) as stop:
        cli.main([*arguments])
    return stop.value.code


HINT = (
    "67% of the images are unlike those of Halves; for photographs of clothes, use --model clothing"
)


@pytest.mark.usefixtures("checkout")
def test_a_model_has_a_name_and_the_one_for_photographs_is_recommended(capsys):
    images = ["left.png", "white.png", "white.png", "broken.png"]
    assert exit_code(*images) == 1
    assert capsys.readouterr().err.splitlines()[1:] == [HINT]
    assert exit_code("--model", "clothing", *images[:3]) == 0
    out, err = capsys.readouterr()
    assert (out.splitlines()[0], err) == ("clothing, trained on Clothing", "")
    assert exit_code(*images[:2]) == 0
    assert capsys.readouterr().err == ""
    assert exit_code("--model", "vit", *images) == 2
    assert "found no file; known names are clothing, halves;" in capsys.readouterr().err


FIELDS = {
    "left.png": ("left", False, False, "left", "right"),
    "even.png": (None, False, True, "left", "right"),
    "white.png": (None, True, True, "right", "left"),
}


@pytest.mark.parametrize("name", FIELDS)
def test_json_and_csv_have_the_same_fields(run, name):
    code, out, _ = run("--format", "json", name, "broken.png", name)
    assert code == 1
    first, broken, last = json.loads(out)
    assert first == last
    assert (first["file"], first["model"], first["dataset"]) == (name, "halves", "Halves")
    columns = ("label", "is_ood", "is_uncertain", "top1", "top2")
    assert tuple(first[column] for column in columns) == FIELDS[name]
    for column in ("top1", "top2"):
        assert first[f"{column}_probability"] == first["probabilities"][first[column]]
    assert list(broken) == ["file", "error"]
    assert broken["error"].startswith("expected one of PNG")

    code, out, _ = run("--format", "csv", name, "broken.png", name)
    assert code == 1
    rows = csv.DictReader(io.StringIO(out))
    del first["probabilities"]
    text = {column: "" if value is None else str(value) for column, value in first.items()}
    assert next(rows) == text | {"error": ""}
    assert {column: value for column, value in next(rows).items() if value} == broken


@pytest.mark.parametrize("name", ["größe.png", os.fsdecode(b"\xff.png")])
def test_json_has_one_line_per_image_and_names_as_they_are(run, name):
    copy_as(name)
    lines = run("--format", "json", name, "broken.png", "left.png")[1].splitlines()
    assert (lines[0], lines[-1], len(lines)) == ("[", "]", 5)
    assert json.loads(lines[1].rstrip(","))["file"] == name


def test_more_images_than_a_batch_keep_their_order(run, monkeypatch):
    monkeypatch.setattr(classifier, "BATCH_SIZE", 4)
    names = ["left.png", "broken.png", "right.png"] * 5
    _, out, err = run("--format", "json", *names)
    rows = json.loads(out)
    assert [row["file"] for row in rows] == names
    assert [row.get("label") for row in rows] == ["left", None, "right"] * 5
    assert len(err.splitlines()) == 5


def test_an_image_on_standard_input(run, monkeypatch):
    stdin = io.TextIOWrapper(io.BytesIO(Path("left.png").read_bytes()))
    monkeypatch.setattr(sys, "stdin", stdin)
    code, out, err = run("-", "right.png", "-")
    assert [line.split()[0] for line in out.splitlines()[2:]] == ["left", "right"]
    assert (code, err) == (1, "standard input: expected an image, received an empty file\n")


@pytest.mark.parametrize(("stderr", "stdout"), [(True, False), (True, True), (False, False)])
def test_a_progress_bar_is_shown_if_only_stderr_is_a_terminal(monkeypatch, stderr, stdout):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: stderr, raising=False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: stdout, raising=False)
    with cli._progress() as bar:
        assert (bar is not None) == (stderr and not stdout)


def test_control_characters_are_not_printed(run):
    name = "a\x1b[31m\nb.png"
    copy_as(name)
    save_halves("odd.onnx", classes='["a\\u001b[31m", "b"]', dataset="36\x1b[31m")
    title, _, row = run("--model", "odd.onnx", name)[1].splitlines()
    assert title == "halves, trained on 36?[31m"
    assert row.startswith("a?[31m ")
    assert row.endswith(" a?[31m?b.png")
    assert run(f"no{name}")[2] == "noa?[31m?b.png: No such file or directory\n"


@pytest.mark.parametrize(
    "name", ["9.41\u202fAM.png", "می\u200cروم.png", "👩\u200d🔬.png", "\uff12.png"]
)
def test_names_are_printed_as_you_can_type_them(run, name):
    copy_as(name)
    assert run(name)[1].splitlines()[2].endswith(f"  {name}")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([], "usage: fashion-predict "),
        (["--format", "xml", "left.png"], "usage: fashion-predict "),
        (["--model", "no.onnx", "left.png"], "no.onnx: expected an exported model, found no file;"),
    ],
)
def test_wrong_usage(run, arguments, line):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(line)


def test_warnings_of_pillow_are_not_shown(run, monkeypatch):
    def read(*_):
        warn_explicit("odd", UserWarning, "PIL/Image.py", 1, module="PIL.Image")
        return np.zeros(SHAPE, np.uint8)

    monkeypatch.setattr(classifier, "read_image", read)
    assert run("left.png")[::2] == (0, "")


def test_messages_of_libtiff_are_not_shown(start):
    Image.new("RGB", (99, 99)).save("table.tiff", compression="jpeg")
    content = Path("table.tiff").read_bytes()
    Path("table.tiff").write_bytes(content.replace(b"\xff\xc4", b"\xff\xc4\0", 1))
    process = start("table.tiff")
    [line] = process.communicate()[1].splitlines()
    assert line.startswith(b"table.tiff: broken or cut off: ")
    assert process.returncode == 1


def test_an_interrupt_is_quiet(run, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("fashion_predict.find_images.find_images", interrupt)
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


def test_an_interrupt_during_the_imports_is_quiet():
    command = [sys.executable, "-c", INTERRUPTED_IMPORT]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert (done.stdout, done.stderr) == (b"", b"")
    assert done.returncode == -signal.SIGINT  # shells show it as 130


@pytest.mark.parametrize(
    ("arguments", "redirection", "code", "line"),
    [
        (["left.png"], "2>&-", 0, b""),
        (["broken.png", "left.png"], "2>&-", 1, b""),
        (["broken.png", "left.png"], "2>/dev/full", 1, b""),
        (["left.png"], ">/dev/full", 1, b"standard output: No space left on device\n"),
    ],
)
def test_closed_and_full_streams(start, arguments, redirection, code, line):
    if "full" in redirection and not Path("/dev/full").exists():
        pytest.skip("Linux only")
    process = start(*arguments, redirection=redirection)
    out, err = process.communicate()
    assert (process.returncode, err) == (code, line)
    assert (b"left.png" in out) == redirection.startswith("2")


def test_a_reader_that_stops_early_ends_it_quietly(start):
    with start(*["left.png"] * 20_000) as process:
        assert process.stdout.readline() == b"halves, trained on Halves\n"
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_nothing_is_written_into_the_home_of_the_user(start, images, monkeypatch):
    for name in ("XDG_CACHE_HOME", "ORT_DISABLE_TELEMETRY"):
        monkeypatch.delenv(name, raising=False)
    (images / "home").mkdir()
    monkeypatch.setenv("HOME", str(images / "home"))
    assert b"left.png" in start("left.png").communicate()[0]
    assert list((images / "home").iterdir()) == []
