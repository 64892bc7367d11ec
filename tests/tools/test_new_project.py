"""A clone becomes a project of one's own."""

import tomllib

import pytest
from ruamel.yaml import YAML

from fashion.config.loader import ParamsError
from fashion.config.params import Params
from tests.conftest import ROOT, write_yaml
from tests.test_docs import broken_links
from tools import new_project, report
from tools.checkout import Checkout

SHAPES = ROOT / "examples/shapes.yaml"

pytestmark = pytest.mark.usefixtures("fashion_mnist")


@pytest.fixture
def own(tmp_path):
    return Checkout.clone(ROOT, tmp_path / "clone")


def test_results_of_fashion_mnist_are_removed_and_documents_have_no_dead_links(own):
    new_project.main(str(SHAPES), own.folder)
    left = [path for path in own.git("ls-files").splitlines() if (own.folder / path).exists()]
    assert [path for path in left if path.startswith(("reports/", "models/", "champion/"))] == [
        "models/.gitignore"
    ]
    assert "dvc.lock" not in left
    pages = [path for path in left if path.endswith(".md")]
    assert [link for page in pages for link in broken_links(own.folder, page)] == []
    assert not [path for path in left if (own.folder / path).stat().st_size > 1_000_000]


def test_params_get_the_lines_and_keep_comments_and_the_readme_takes_results(own):
    new_project.main(str(SHAPES), own.folder)
    params = Params.load(own.folder / "params.yaml")
    assert (params.data.name, params.data.image_width) == ("Shapes", 32)
    assert list(params.networks) == ["cnn"]
    assert params.models["cnn"].fit.batch_size == 50
    assert "# 1: greyscale, 3: colour" in (own.folder / "params.yaml").read_text()
    readme = (own.folder / "README.md").read_text()
    assert readme.startswith("# Shapes\n")
    assert "Fashion-MNIST" not in readme
    assert "mlp" not in readme
    assert "numbers on this page are of networks" in (own.folder / "docs/predict.md").read_text()
    report.main("write", own.folder)
    assert "There are no results yet" not in (own.folder / "README.md").read_text()


def test_only_networks_that_the_lines_name_stay_and_one_is_packaged(own):
    new_project.main(str(ROOT / "examples/clothing.yaml"), own.folder)
    document = YAML(typ="safe").load(own.folder / "params.yaml")
    assert list(document["models"]) == ["clothing"]
    assert list(document["tune"]["space"]) == ["fit.learning_rate"]
    build = tomllib.loads((own.folder / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    assert [*build["targets"]["wheel"]["force-include"]] == ["models/clothing.onnx"]
    assert "COPY models/clothing.onnx" in (own.folder / "deploy/Dockerfile").read_text()


def test_uncommitted_changes_are_refused(own):
    (own.folder / "LICENSE").write_text("mine")
    with pytest.raises(new_project.NewProjectError, match=r"commit or undo .*\n M LICENSE"):
        new_project.main(str(SHAPES), own.folder)
    assert own.git("status", "--porcelain") == " M LICENSE\n"


def test_the_lines_themselves_may_be_a_tracked_file_with_changes(own):
    lines = own.folder / "examples/shapes.yaml"
    lines.write_text(lines.read_text().replace("name: Shapes", "name: My shapes"))
    new_project.main(str(lines), own.folder)
    assert Params.load(own.folder / "params.yaml").data.name == "My shapes"


def test_faulty_lines_change_nothing(own, tmp_path):
    write_yaml(tmp_path / "lines.yaml", {"data": {"name": ""}, "plot": {"dbi": 3}})
    with pytest.raises(ParamsError, match=r"lines\.yaml: plot\.dbi: unknown key"):
        new_project.main(str(tmp_path / "lines.yaml"), own.folder)
    assert own.git("status", "--porcelain") == ""
