"""The pages say what is true."""

import re
import subprocess

import pytest

from benchmarks.report import page as benchmarks_page
from benchmarks.report import read_figures, summary, table
from fashion.artifacts import read_json
from fashion.params import Params
from fashion.tables import BEGIN, END, page, result_table
from stages.report import read_result
from tests.conftest import ROOT
from verification.faults import FAULTS
from verification.report import table as faults_table

PAGES = ("README.md", "CONTRIBUTING.md", "reports/README.md", "reports/experiments.md")
TRACKED = subprocess.run(
    ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
).stdout.splitlines()


def read(path):
    return (ROOT / path).read_text("utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_to_files_of_the_project(name):
    links = re.findall(r"\]\(([^)#]+)\)", read(name))
    local = [link for link in links if "://" not in link]
    assert local or name == "CONTRIBUTING.md"
    assert all((ROOT / name).parent.joinpath(link).exists() for link in local)


@pytest.mark.parametrize("name", PAGES)
def test_make_targets_that_a_page_names_exist(name):
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    named = re.findall(r"(?:`|^|\n)make ([a-z-]+)", read(name))
    assert named
    assert set(named) <= targets


def test_make_help_lists_every_target():
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    phony = re.search(r"^\.PHONY: (.*?[^\\])$", read("Makefile"), re.MULTILINE | re.DOTALL)
    assert re.findall(r"make ([\w-]+)", shown.stdout) == phony[1].replace("\\", "").split()


def test_the_file_tree_of_the_readme_is_that_of_the_project():
    block = read("README.md").split("## What is where")[1].split("```")[1]
    listed = {line.split()[0].rstrip("/") for line in block.strip().splitlines()}
    top = {path.split("/")[0] for path in TRACKED}
    assert listed <= top
    unlisted = {name for name in top - listed if not name.startswith(".")}
    assert unlisted == {"LICENSE", "CONTRIBUTING.md", "requirements-uv.lock"}


def test_result_tables_are_those_of_the_metrics_files(committed_params: Params):
    results = [read_result(ROOT / "reports", network) for network in committed_params.models]
    assert between_marks("results") == result_table(results)
    assert read("reports/README.md") == page(results)


def test_benchmark_tables_are_those_of_the_files(committed_params: Params):
    figures = read_figures(ROOT / "reports" / "benchmarks", committed_params)
    assert between_marks("benchmarks") == table(summary(figures))
    assert read("reports/benchmarks/README.md") == benchmarks_page(figures)


def test_the_table_of_faults_is_that_of_the_file():
    faults = read_json(ROOT / "reports" / "faults.json")["faults"]
    assert [fault["fault"] for fault in faults] == list(FAULTS)
    assert between_marks("faults") == faults_table(faults)


def between_marks(topic):
    before, end = BEGIN.format(topic), END.format(topic)
    return read("README.md").partition(before)[2].partition(end)[0].strip()


def test_params_that_the_readme_sets_are_there(committed_params: Params):
    for key in re.findall(r"-S ([\w.]+)=", read("README.md")):
        value = committed_params.model_dump()
        for part in key.split("."):
            value = value[part]


def test_nothing_large_is_in_git():
    sizes = {path: (ROOT / path).stat().st_size for path in TRACKED if (ROOT / path).exists()}
    assert max(sizes.values()) < 5_000_000


def test_the_locks_name_no_address():
    for name in ("requirements.lock", "requirements-uv.lock", "dvc.lock"):
        assert "://" not in read(name)
