"""The built page holds what belongs together, as its scripts expect it, whole or not at all."""

import json
import shutil

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from PIL import Image
from pydantic import ValidationError

from benchmarks import seeds
from benchmarks.seeds import settings, summarize
from fashion.config.params import Params
from fashion.io.files import FileError, read_json, sha256, write_json
from tests.conftest import ROOT, files
from tests.page import contract
from tests.page.conftest import make_root
from tests.tools.test_report import MACHINE, RUNS
from tools.page import build, networks, sprites
from tools.page.dataset import DataSet
from tools.page.networks import MismatchError
from tools.page.sizes import loaded_with

KINDS = {"site": "Site", "train": "TrainingImages"}


def stand_in_runtime(root):
    """Files in the place of the runtime, which tests of the build do not need."""
    (root / build.RUNTIME).mkdir(parents=True)
    for name in build.RUNTIME_FILES:
        (root / build.RUNTIME / name).write_text(f"stands in for {name}")


@pytest.fixture
def root(page_root, tmp_path):
    """The small project, to change at will."""
    ignored = shutil.ignore_patterns("node_modules", "ort*")
    shutil.copytree(page_root, tmp_path / "root", ignore=ignored)
    stand_in_runtime(tmp_path / "root")
    return tmp_path / "root"


@pytest.fixture
def built(root, tmp_path):
    """The page of `root`."""
    build.main(str(tmp_path / "site"), root)
    return tmp_path / "site"


def content(folder):
    return {path: (folder / path).read_bytes() for path in files(folder)}


def data_of(site, name):
    return read_json(site / f"data/{name}.json")


def tile(site, sheet, place):
    """An image of a sheet, cut out as `page/scripts/sprites.js` does it."""
    height, width = sheet["height"], sheet["width"]
    line, column = divmod(place % sheet["per_file"], sheet["columns"])
    image = np.asarray(Image.open(site / sheet["files"][place // sheet["per_file"]]))
    assert image.shape[1] == sheet["columns"] * width
    return image[line * height : (line + 1) * height, column * width : (column + 1) * width]


@pytest.mark.slow
class TestBuilt:
    """A page of the small project."""

    def test_data_files_have_exactly_the_keys_and_types_that_scripts_expect(self, built):
        names = files(built / "data")
        assert names == {"site.json", "train.json", "mlp.json", "cnn.json"}
        for name in sorted(names):
            kind = KINDS.get(name.removesuffix(".json"), "NetworkReport")
            contract.check((built / "data" / name).read_bytes(), kind)

    def test_it_is_what_page_has_with_models_examples_and_runtime(self, built, root):
        expected = {f"models/{name}.onnx" for name in ("mlp", "cnn")}
        expected |= {f"runtime/{name}" for name in (*build.RUNTIME_FILES, "LICENSE.txt")}
        expected |= {*build.DOCUMENTS, *data_of(built, "site")["examples"]}
        expected |= {f"style/{name}" for name in files(ROOT / "page/style")}
        expected |= {f"scripts/{name}" for name in files(ROOT / "page/scripts")}
        expected -= {path for path in expected if path.endswith(".d.ts")}
        found = files(built)
        assert {path for path in found if not path.startswith(("data", "images"))} == expected
        assert {path for path in found if path.startswith("examples")} == {
            f"examples/{path.name}"
            for path in (ROOT / "examples").iterdir()
            if path.suffix in build.IMAGES
        }
        source = {
            path: root / ("" if path.startswith(("models", "examples")) else "page") / path
            for path in expected
        }
        for name in build.RUNTIME_FILES:
            source[f"runtime/{name}"] = root / build.RUNTIME / name
        assert [path for path in expected if sha256(source[path]) != sha256(built / path)] == []

    def test_sheets_hold_the_test_images_and_the_training_images_that_models_keep(
        self, built, root
    ):
        data, train = DataSet.read(root / "data/processed"), data_of(built, "train")
        for sheet, images in (
            (data_of(built, "site")["sheet"], data.test.images),
            (train["sheet"], data.train.images[train["rows"]]),
        ):
            for place, image in enumerate(images):
                np.testing.assert_array_equal(tile(built, sheet, place), image)
        assert train["labels"] == data.train.labels[train["rows"]].tolist()

    def test_networks_are_in_the_order_of_their_accuracy_with_what_their_models_say(self, built):
        listed = data_of(built, "site")["networks"]
        accuracies = [network["metrics"]["accuracy"] for network in listed]
        assert accuracies == sorted(accuracies, reverse=True)
        for network in listed:
            model = network["model"]
            assert (built / model["file"]).stat().st_size == model["bytes"]
            assert model["file"] == f"models/{network['name']}.onnx"

    def test_reports_name_labels_and_leave_empty_bins_out(self, built, root):
        labels = DataSet.read(root / "data/processed").test.labels
        for name in ("mlp", "cnn"):
            report = data_of(built, name)
            assert report["predictions"]["actual"] == labels.tolist()
            right = np.equal(report["predictions"]["predicted"], labels).mean()
            scores = read_json(root / f"reports/{name}/metrics.json")
            assert right == pytest.approx(scores["accuracy"], abs=1e-6)
            assert sum(row["count"] for row in report["reliability"]) == len(labels)
            assert min(row["count"] for row in report["reliability"]) > 0

    def test_the_same_project_gives_the_same_bytes_in_another_folder(self, built, root, tmp_path):
        elsewhere = tmp_path / "elsewhere/root"
        shutil.copytree(root, elsewhere)
        build.main(str(tmp_path / "elsewhere/site"), elsewhere)
        assert content(tmp_path / "elsewhere/site") == content(built)

    def test_a_failed_build_leaves_the_page_as_it_was_and_the_next_replaces_it(
        self, built, root, tmp_path, monkeypatch
    ):
        before = content(built)
        (built / "scripts/removed.js").touch()
        (root / "reports/mlp/history.csv").rename(root / "kept")
        with pytest.raises(FileError, match=r"history\.csv: missing"):
            build.main(str(built), root)
        assert content(built).keys() - before.keys() == {"scripts/removed.js"}
        (root / "kept").rename(root / "reports/mlp/history.csv")
        build.main(str(built), root)
        assert content(built) == before
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []

    def test_what_it_prints_is_a_line_with_sizes(self, root, tmp_path, capsys):
        build.main(str(tmp_path / "site"), root)
        (line,) = capsys.readouterr().out.splitlines()
        kilobytes = sum(map(len, content(tmp_path / "site").values())) / 1e3
        assert f"{len(files(tmp_path / 'site'))} files, {kilobytes:.0f} kB" in line
        assert "`make app` shows it" in line


def other_training_images(root):
    change_array(root / "data/processed/train/images.npy", lambda images: 255 - images)


def fewer_training_images(root):
    for name in ("images", "labels"):
        change_array(root / f"data/processed/train/{name}.npy", lambda values: values[:-1])


def other_test_images(root):
    change_array(root / "data/processed/test/labels.npy", lambda labels: labels[::-1])


def fewer_test_images(root):
    for name in ("images", "labels"):
        change_array(root / f"data/processed/test/{name}.npy", lambda values: values[:-1])


def other_classes(root):
    path = root / "data/processed/classes.json"
    names = read_json(path)["classes"]
    path.unlink()
    write_json(path, {"classes": [*names[:-1], "renamed"]})


def change_array(path, change):
    changed = np.ascontiguousarray(change(np.load(path)))
    path.unlink()
    np.save(path, changed)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (other_training_images, r"\.onnx: made from other training images.*`make repro`"),
        (fewer_training_images, r"\.onnx: made from other training images.*`make repro`"),
        (other_test_images, r"predictions\.csv: expected the 60 test images.*`make repro`"),
        (fewer_test_images, r"predictions\.csv: expected the 59 test images.*`make repro`"),
        (other_classes, r"predictions\.csv: expected the 60 test images.*`make repro`"),
    ],
)
def test_what_is_not_of_one_another_is_refused_in_a_line_and_nothing_written(
    root, tmp_path, change, message
):
    change(root)
    with pytest.raises(MismatchError, match=message) as refused:
        build.main(str(tmp_path / "site"), root)
    assert "\n" not in str(refused.value)
    assert {path.name for path in tmp_path.iterdir()} == {"root"}


@pytest.mark.slow
def test_networks_that_keep_other_images_share_the_images_of_both(root, tmp_path):
    keep_rows(root / "models/mlp.onnx", lambda rows: rows[:10])
    keep_rows(root / "models/cnn.onnx", lambda rows: rows[5:20])
    build.main(str(tmp_path / "site"), root)
    rows = data_of(tmp_path / "site", "train")["rows"]
    assert len(rows) == 20
    assert rows == sorted(rows)


def keep_rows(path, change):
    model = onnx.load(path)
    (tensor,) = [one for one in model.graph.initializer if one.name == "kept_rows"]
    rows = change(numpy_helper.to_array(tensor))
    tensor.CopyFrom(numpy_helper.from_array(rows.copy(), "kept_rows"))
    path.unlink()
    onnx.save(model, path)


@pytest.mark.slow
def test_a_network_without_a_model_or_scores_is_left_out(root, tmp_path):
    (root / "models/cnn.onnx").unlink()
    build.main(str(tmp_path / "site"), root)
    assert [one["name"] for one in data_of(tmp_path / "site", "site")["networks"]] == ["mlp"]
    assert files(tmp_path / "site/data") == {"site.json", "train.json", "mlp.json"}
    (root / "reports/mlp/metrics.json").unlink()
    with pytest.raises(MismatchError, match="found neither; `dvc repro` makes them"):
        build.main(str(tmp_path / "site"), root)


@pytest.mark.slow
def test_statistics_of_seeds_are_shown_if_they_are_of_these_settings(root, tmp_path):
    params = Params.load(root / "params.yaml")
    known = {"settings": settings(params, "mlp"), **MACHINE, **summarize(RUNS, 2)}
    other = known | {"settings": {}}
    write_json(root / seeds.REPORT, {"networks": {"mlp": known, "cnn": other}})
    build.main(str(tmp_path / "site"), root)
    listed = {one["name"]: one for one in data_of(tmp_path / "site", "site")["networks"]}
    assert listed["mlp"]["seeds"] == {"n": 3, "mean": 0.91, "sd": 0.01}
    assert listed["mlp"]["training_seconds"] == 600.5
    assert listed["mlp"]["instructions"] == "avx2"
    assert listed["cnn"]["seeds"] is listed["cnn"]["training_seconds"] is None


@pytest.mark.slow
def test_a_fresh_clone_needs_no_training(clone, tmp_path):
    """The commands of `make page`."""
    root = make_root(tmp_path / "root", clone.folder)
    (root / "page").unlink()
    shutil.copytree(ROOT / "page", root / "page", ignore=shutil.ignore_patterns("node_modules"))
    stand_in_runtime(root)
    assert "dvc repro --quiet preprocess" in (ROOT / "Makefile").read_text()
    clone.run("dvc", "repro", "--quiet", "preprocess")
    build.main(str(tmp_path / "site"), root)
    assert list(clone.folder.glob("models/*.keras")) == []
    assert clone.git("status", "--porcelain") == ""


def test_the_accuracy_figure_is_taken_for_the_data_that_it_is_of(
    tmp_path, committed_params, small_params
):
    (tmp_path / "images").mkdir()
    path = build.copy_accuracy_figure(ROOT, tmp_path, committed_params)
    assert sha256(tmp_path / path) == sha256(ROOT / build.ACCURACY_FIGURE)
    assert build.copy_accuracy_figure(ROOT, tmp_path, small_params) is None
    assert build.copy_accuracy_figure(tmp_path, tmp_path, committed_params) is None


def test_a_name_of_a_file_of_the_page_is_no_network(tmp_path, small_params):
    params = small_params.model_copy(update={"models": {"train": small_params.models["mlp"]}})
    (tmp_path / "models").mkdir()
    (tmp_path / "models/train.onnx").touch()
    write_json(tmp_path / "reports/train/metrics.json", {"accuracy": 0.5})
    with pytest.raises(MismatchError, match=r"models\.train in params\.yaml.*name the network"):
        networks.with_results(params, tmp_path)


def test_a_folder_with_anything_else_in_it_is_refused_and_left_alone(tmp_path):
    (tmp_path / "mine/data").mkdir(parents=True)
    (tmp_path / "mine/data/site.json").touch()
    (tmp_path / "mine/letter.txt").touch()
    with (
        pytest.raises(build.BuildError, match=r"found letter\.txt; name another folder"),
        build.replacing_folder(tmp_path / "mine"),
    ):
        pytest.fail("the block has run")
    assert files(tmp_path) == {"mine/data/site.json", "mine/letter.txt"}


def test_a_folder_with_names_like_those_of_a_page_is_none(tmp_path):
    (tmp_path / "models").mkdir()
    with (
        pytest.raises(build.BuildError, match="found models; name another folder"),
        build.replacing_folder(tmp_path),
    ):
        pytest.fail("the block has run")


@pytest.mark.parametrize("channels", [(), (3,)], ids=["grey", "colour"])
@pytest.mark.parametrize("count", [1, 5, 12, 23])
def test_a_sheet_of_any_count_and_shape_holds_each_image_once(
    tmp_path, monkeypatch, channels, count
):
    monkeypatch.setattr(sprites, "MOST_IMAGES", 10)
    images = np.random.default_rng(0).integers(0, 256, (30, 5, 7, *channels), np.uint8)
    rows = np.arange(29, 29 - count, -1)
    sheet = sprites.write_sprites(tmp_path, "some", images, rows)
    contract.check(json.dumps(sheet), "SpriteSheet")
    assert files(tmp_path) == set(sheet["files"])
    assert len(sheet["files"]) == -(-count // 10)
    for place, row in enumerate(rows):
        np.testing.assert_array_equal(tile(tmp_path, sheet, place), images[row])


def test_a_sheet_of_large_images_has_few_of_them(tmp_path, monkeypatch):
    monkeypatch.setattr(sprites, "MOST_PIXELS", 1000)
    images = np.zeros((7, 20, 20), np.uint8)
    assert sprites.write_sprites(tmp_path, "some", images)["per_file"] == 2
    monkeypatch.setattr(sprites, "MOST_PIXELS", 100)
    assert sprites.write_sprites(tmp_path, "some", images)["per_file"] == 1


def test_what_a_document_loads_is_found_through_imports(tmp_path):
    texts = {
        "a.html": '<link rel="icon" href="i.svg" /><a href="b.html"></a>'
        '<script type="module" src="s/a.js"></script>',
        "b.html": "",
        "i.svg": "",
        "s/a.js": 'import "./b.js";\nconst later = () => import("./later.js");',
        "s/b.js": 'export { c } from "../c.js";\nimport { a } from "./a.js";',
        "s/later.js": "",
        "c.js": "",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    found = {str(path.relative_to(tmp_path)) for path in loaded_with(tmp_path, "a.html")}
    assert found == {"a.html", "i.svg", "s/a.js", "s/b.js", "c.js"}


@pytest.mark.parametrize(
    "wrong", [{"rows": None}, {"rows": ["1"]}, {"more": 1}, {"sheet": {}}, {"labels": [True]}]
)
def test_data_of_other_keys_or_types_are_found(wrong):
    sheet = {"files": ["a.png"], "per_file": 1, "columns": 1, "height": 1, "width": 1}
    images = {"rows": [1], "labels": [0], "sheet": sheet}
    contract.check(json.dumps(images), "TrainingImages")
    with pytest.raises(ValidationError):
        contract.check(json.dumps(images | wrong), "TrainingImages")
