"""No file that is read can bring code along, or more than there is room for."""

import ast

import pytest

from tests.conftest import ROOT

PACKAGES = ("benchmarks", "fashion", "stages", "verification")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).glob("*.py"))
UNPICKLERS = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
UNPACKERS = {"extract", "extractall", "unpack_archive"}
CALLS = [
    (path, node) for path in FILES for node in ast.walk(ast.parse(path.read_text("utf-8")))
    if isinstance(node, ast.Call)
]  # fmt: skip


def called(node):
    """The dotted name that a call calls, as far as it is one."""
    return ast.unparse(node.func)


def test_arrays_are_never_unpickled():
    loads = [node for _, node in CALLS if called(node) in {"np.load", "numpy.load"}]
    assert loads
    for node in loads:
        given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
        assert given.get("allow_pickle", "False") == "False"  # NumPy's default, too


def test_nothing_that_unpickles_is_imported():
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in getattr(node, "names", []) if alias.name]
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            assert not {name.partition(".")[0] for name in names} & UNPICKLERS, path


def test_no_archive_is_unpacked_by_the_names_in_it():
    assert not [path for path, node in CALLS if called(node).split(".")[-1] in UNPACKERS]


def test_yaml_is_read_by_loaders_that_make_plain_data_alone():
    """`safe`, and `rt`, which is the same with comments: neither makes objects of tags."""
    makers = [node for _, node in CALLS if called(node) == "YAML"]
    readers = [node for node in makers if node.keywords]
    assert readers
    types = {ast.unparse(node.keywords[0]) for node in readers}
    assert types == {"typ='safe'", "typ='rt'"}
    for path in FILES:
        assert "yaml.load(" not in path.read_text("utf-8"), path


@pytest.mark.parametrize("name", ["load_model", "load_weights", "deserialize_keras_object"])
def test_models_are_loaded_in_one_place_and_in_safe_mode(name):
    loads = [(path.name, node) for path, node in CALLS if called(node).endswith(name)]
    expected = ["archive.py"] if name == "load_model" else []
    assert [file for file, _ in loads] == expected
    for _, node in loads:
        given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
        assert given["safe_mode"] == "True"
