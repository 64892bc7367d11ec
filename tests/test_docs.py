"""Links, commands and examples of the documentation work."""

import re
import shutil
import subprocess

import pytest
from ruamel.yaml import YAML

from fashion.config.params import Params
from tests.conftest import ROOT
from tools import report
from tools.card import is_fashion_mnist
from tools.new_project import with_lines

TRACKED = [
    path
    for path in subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    if (ROOT / path).exists()
]
PAGES = [path for path in TRACKED if path.endswith(".md")]


def read(path):
    return (ROOT / path).read_text("utf-8")


def anchors(text):
    """The anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


def broken_links(root, page):
    """The links of `page` to files or headings of the project `root` that do not exist."""
    text = (root / page).read_text("utf-8")
    links = [link for link in re.findall(r"\]\(([^)]+)", text) if "://" not in link]
    broken = []
    for link in links:
        path, _, anchor = link.partition("#")
        target = (root / page).parent / path if path else root / page
        if not target.exists() or (anchor and anchor not in anchors(target.read_text("utf-8"))):
            broken.append(link)
    return broken


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files_of_the_project(page):
    assert broken_links(ROOT, page) == []


@pytest.mark.parametrize("page", PAGES)
def test_make_targets_exist(page):
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    named = re.findall(r"(?:`|^|\n|\$ )make (?:PYTHON=\S+ )?([a-z-]+)", read(page))
    assert set(named) <= targets


@pytest.mark.parametrize("page", PAGES)
def test_modules_that_commands_run_exist(page):
    modules = re.findall(r"python -m ([a-z_]+\.[a-z0-9_.]+)", read(page))
    paths = [ROOT / module.strip(".").replace(".", "/") for module in modules]
    assert [path for path in paths if not (path.with_suffix(".py").exists() or path.is_dir())] == []


@pytest.mark.parametrize("page", PAGES)
def test_parameters_that_experiments_set_exist(page, committed_params):
    models = committed_params.model_dump()["models"]
    for network, key in re.findall(r"-S models\.(\w+)\.([\w.]+)=", read(page)):
        section = models.get(network)
        if section is None:
            pytest.skip(f"params.yaml has no network {network}")
        for name in key.split("."):
            section = section[name]


def test_make_help_lists_every_target():
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    phony = re.search(r"^\.PHONY: (.*?[^\\])$", read("Makefile"), re.MULTILINE | re.DOTALL)
    assert re.findall(r"make ([\w-]+)", done.stdout) == phony[1].replace("\\", "").split()


def test_the_predictions_shown_are_the_same_on_each_page():
    shown = (
        re.findall(r"\$ fashion-predict examples\n(.*?)```", read(page), re.DOTALL)
        for page in PAGES
    )
    assert len({block for blocks in shown for block in blocks}) == 1


def test_paths_of_the_file_tree_in_the_readme_exist():
    tree = max(read("README.md").split("```"), key=lambda block: block.count("/ "))
    folders = set(re.findall(r"(?:^|  )(\w+)/,? ", tree, re.MULTILINE))
    known = {folder for path in TRACKED for folder in path.split("/")[:-1]} | {
        "data",
        "models",
        "reports",
    }
    assert folders <= known
    assert {path.split("/")[1] for path in TRACKED if re.match(r"fashion/\w+/", path)} <= folders


def test_tables_are_those_of_the_reports(tmp_path):
    for name in ("README.md", "params.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "reports", tmp_path / "reports")
    report.main("write", tmp_path)
    for page in tmp_path.rglob("*.md"):
        name = page.relative_to(tmp_path)
        assert page.read_text("utf-8") == read(name), f"{name}: run `make report`"


@pytest.mark.parametrize("block", read("docs/own-data.md").split("```yaml")[1:])
def test_the_examples_of_own_data_are_valid(block):
    lines = YAML(typ="safe").load(block.split("```")[0].replace("...", f"'{0:064}'"))
    document = YAML(typ="safe").load(read("params.yaml"))
    if missing := lines.get("models", {}).keys() - document["models"].keys():
        pytest.skip(f"these lines change networks that params.yaml lacks: {missing}")
    document = with_lines(document, lines)
    params = Params.model_validate(document)
    assert params.data.name == lines["data"]["name"]
    assert not params.champions


def test_the_lines_for_images_are_those_of_the_example():
    block = read("docs/own-data.md").split("```yaml")[1].split("```")[0]
    lines, example = (YAML(typ="safe").load(text) for text in (block, read("examples/shapes.yaml")))
    assert lines == example


def test_nothing_large_is_in_git(committed_params):
    limits = {"models/clothing.onnx": 8_000_000}
    large = [
        path for path in TRACKED if (ROOT / path).stat().st_size >= limits.get(path, 5_000_000)
    ]
    own = [path for path in large if path.startswith("models/")]
    if own == large != [] and not is_fashion_mnist(committed_params):
        pytest.skip(f'{own}: over 5 MB; see "Large models" in docs/own-data.md')
    assert large == []


def test_locks_name_no_address():
    for name in TRACKED:
        if name.startswith("requirements") or name == "page/package-lock.json":
            assert "://" not in read(name), name
    in_lock, in_params = (
        set(re.findall(r"\w+://\S+", read(name))) for name in ("dvc.lock", "params.yaml")
    )
    assert in_lock <= in_params  # where the data are from
