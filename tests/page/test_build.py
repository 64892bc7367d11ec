"""Building the page: complete, consistent and reproducible, or not at all."""

import shutil

import numpy as np
import pytest
from PIL import Image

from fashion.io.files import FileError, read_json
from fashion.io.labeled_images import load_split
from tests.conftest import ROOT, files
from tools.page import build
from tools.page.networks import MismatchError
from tools.page.page_data import PageData
from tools.page.sprites import write_sprites


@pytest.fixture
def root(page_root, tmp_path):
    """A copy of the small project, with placeholders for the runtime."""
    root = tmp_path / "root"
    shutil.copytree(page_root, root, ignore=shutil.ignore_patterns("node_modules"))
    (root / build.RUNTIME).mkdir(parents=True)
    for name in build.RUNTIME_FILES:
        (root / build.RUNTIME / name).write_text(name)
    return root


@pytest.fixture
def site(root, tmp_path):
    build.main(str(tmp_path / "site"), root)
    return tmp_path / "site"


def content(folder):
    return {path: (folder / path).read_bytes() for path in files(folder)}


def data_of(site, name):
    return read_json(site / f"data/{name}.json")


def cut_out(site, sheet, index):
    """One image, as `page/scripts/sprites.js` shows it."""
    height, width = sheet["height"], sheet["width"]
    row, column = divmod(index % sheet["per_file"], sheet["columns"])
    pixels = np.asarray(Image.open(site / sheet["files"][index // sheet["per_file"]]))
    return pixels[row * height : (row + 1) * height, column * width : (column + 1) * width]


@pytest.mark.slow
def test_a_site_has_documents_models_runtime_and_examples(site, root):
    copies = {f"models/{name}.onnx": f"models/{name}.onnx" for name in ("mlp", "cnn", "other")}
    copies["models/NOTICE"] = "NOTICE"
    copies |= {f"runtime/{name}": f"{build.RUNTIME}/{name}" for name in build.RUNTIME_FILES}
    copies |= {name: f"page/{name}" for name in (*build.DOCUMENTS, "runtime/LICENSE.txt")}
    copies |= {path: path for path in data_of(site, "site")["examples"]}
    for folder in build.FOLDERS:
        names = [name for name in files(ROOT / "page" / folder) if not name.endswith(".d.ts")]
        copies |= {f"{folder}/{name}": f"page/{folder}/{name}" for name in names}
    found = {name: text for name, text in content(site).items() if name[:4] not in {"data", "imag"}}
    assert found == {name: (root / source).read_bytes() for name, source in copies.items()}


@pytest.mark.slow
def test_sprites_hold_the_test_images_and_the_reference_images(site, root):
    train, test = (load_split(root / "data/processed", name) for name in ("train", "test"))
    references = data_of(site, "reference_images")
    indices = references["indices"]
    assert references["labels"] == train.labels[indices].tolist()
    shown = [(data_of(site, "site")["sprites"], test.images)]
    for sheet, images in [*shown, (references["sprites"], train.images[indices])]:
        for index, image in enumerate(images):
            np.testing.assert_array_equal(cut_out(site, sheet, index), image)


def test_large_images_are_reduced(tmp_path):
    images = np.zeros((3, 200, 150, 3), np.uint8)
    images[:, :100] = 200
    sheet = write_sprites(tmp_path, "large", images)
    assert (sheet["files"], sheet["height"], sheet["width"]) == (["images/large-000.webp"], 67, 50)
    image = cut_out(tmp_path, sheet, 2)
    np.testing.assert_allclose(image[[10, 60]].mean(axis=(1, 2)), [200, 0], atol=3)


@pytest.mark.slow
def test_label_issues_are_shown_with_their_images(root, tmp_path):
    assert build.label_issues(root, tmp_path, PageData.load(root / "data/processed")) is None
    folder = root / "reports/label_issues"
    folder.mkdir()
    lines = "index,file,actual,predicted,confidence\n7,a,star,circle,0.9\n3,b,arrow,star,0.8\n"
    (folder / "images.csv").write_text(lines)
    build.main(str(tmp_path / "site"), root)
    issues = data_of(tmp_path / "site", "site")["label_issues"]
    assert issues["indices"] == [7, 3]
    assert issues["predictions"] == {
        "actual": [2, 3],
        "predicted": [0, 2],
        "confidence": [0.9, 0.8],
    }
    train = load_split(root / "data/processed", "train")
    for position, index in enumerate(issues["indices"]):
        image = cut_out(tmp_path / "site", issues["sprites"], position)
        np.testing.assert_array_equal(image, train.images[index])


@pytest.mark.slow
def test_networks_are_sorted_by_accuracy_and_reports_agree_with_it(site, root):
    listed = data_of(site, "site")["networks"]
    accuracies = [network["metrics"]["accuracy"] for network in listed]
    assert accuracies == sorted(accuracies, reverse=True)
    labels = load_split(root / "data/processed", "test").labels
    for network, accuracy in zip(listed, accuracies, strict=True):
        report = data_of(site, network["name"])
        assert report["predictions"]["actual"] == labels.tolist()
        assert np.mean(report["predictions"]["predicted"] == labels) == pytest.approx(accuracy)
        assert sum(row["count"] for row in report["reliability"]) == len(labels)
        assert min(row["count"] for row in report["reliability"]) > 0


@pytest.mark.slow
def test_the_same_project_gives_the_same_bytes_in_another_folder(site, root, tmp_path):
    shutil.copytree(root, tmp_path / "elsewhere/root")
    build.main(str(tmp_path / "elsewhere/site"), tmp_path / "elsewhere/root")
    assert content(tmp_path / "elsewhere/site") == content(site)


@pytest.mark.slow
def test_a_failed_build_keeps_the_old_page_and_the_next_replaces_it(site, root, tmp_path):
    before = content(site)
    (site / "scripts/removed.js").touch()
    history = root / "reports/mlp/history.csv"
    history.rename(root / "kept")
    with pytest.raises(FileError, match=r"history\.csv: missing"):
        build.main(str(site), root)
    assert content(site).keys() - before.keys() == {"scripts/removed.js"}
    (root / "kept").rename(history)
    build.main(str(site), root)
    assert content(site) == before
    assert not list(tmp_path.glob(".*"))


def invert_training_images(root):
    change_array(root / "data/processed/train/images.npy", lambda images: 255 - images)


def reorder_test_labels(root):
    change_array(root / "data/processed/test/labels.npy", lambda labels: labels[::-1])


def change_array(path, change):
    changed = np.ascontiguousarray(change(np.load(path)))
    path.unlink()
    np.save(path, changed)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (invert_training_images, r"\.onnx: expected a model of the training images.*`make repro`"),
        (reorder_test_labels, r"predictions\.csv: expected the 60 test images.*`make repro`"),
    ],
)
def test_models_and_reports_of_other_data_are_refused(root, tmp_path, change, message):
    change(root)
    with pytest.raises(MismatchError, match=message):
        build.main(str(tmp_path / "site"), root)
    assert [path.name for path in tmp_path.iterdir()] == ["root"]


@pytest.mark.slow
def test_a_fresh_clone_needs_no_training(clone, root, tmp_path):
    clone.run("dvc", "repro", "--quiet", "preprocess")
    for name in ("page", "examples"):
        (clone.folder / name).symlink_to(root / name)
    build.main(str(tmp_path / "site"), clone.folder)
    assert list(clone.folder.glob("models/*.keras")) == []


@pytest.mark.parametrize("names", [["data/site.json", "letter.txt"], ["models/mine.onnx"]])
def test_a_folder_with_other_files_is_refused_and_kept(tmp_path, names):
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    with (
        pytest.raises(build.BuildError, match=r"found (letter\.txt|models); name another folder"),
        build.replacing_folder(tmp_path),
    ):
        pytest.fail("the block ran")
    assert files(tmp_path) == set(names)
