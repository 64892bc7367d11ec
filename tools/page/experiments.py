"""Experiments: every branch and every DVC experiment, with scores, parameters and learning curves.

Inputs: Git's branches and experiments, `dvc exp show --json`, and `history.csv` beside each
`metrics.json` in their commits.
"""

import json
import re
import subprocess
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache
from io import BytesIO, StringIO
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import pandas as pd

from tools.checkout import Checkout

REFERENCE = re.compile(r"(\w+) (\S+) refs/(?:heads/(.+)|exps/(\w{2})/(\w{38})/(.+))")
SCORES = ("val_accuracy_without_tta", "accuracy", "loss", "ece", "parameters")
CURVES = ["epoch", "val_accuracy", "val_loss"]
DIGITS = 4
SECTIONS = ("data", "preprocess", "train", "evaluate", "ood_detection")  # scores depend on these


class Revision(NamedTuple):
    """A branch, an experiment, or its `baseline`, the commit from which the experiment started."""

    name: str
    rev: str
    date: str | None = None
    baseline: str | None = None


class Result(NamedTuple):
    """A network at one commit. The parameters have dotted names; the curves are `CURVES`."""

    scores: dict[str, float]
    parameters: dict[str, Any]
    curves: dict[str, list[float]]


Results = dict[str, dict[str, Result]]  # by commit and network


def experiment_tables(root: Path) -> list[dict[str, Any]]:
    """`ExperimentTable` of `types.d.ts` for each network, the one with most rows first.

    A network with fewer than two rows is left out. Without DVC in the folder `root`, there are no
    tables. Raises `CheckoutError` if Git or DVC fails.
    """
    if not (root / ".dvc").exists():
        return []
    project = Checkout(root)
    revisions = list_revisions(project)
    results = read_results(project, [revision.rev for revision in revisions])
    networks = sorted({network for found in results.values() for network in found})
    tables = [table_of(network, revisions, results) for network in networks]
    compared = [table for table in tables if len(table["rows"]) > 1]
    return sorted(compared, key=lambda table: -len(table["rows"]))


def list_revisions(project: Checkout) -> list[Revision]:
    """The branches, the other baselines of experiments, and the experiments.

    If two have the same name, their commits are added to it, as in `wider@1a2b3c4`.
    """
    form = "--format=%(objectname) %(committerdate:short) %(refname)"
    branches, experiments = [], []
    for match in map(REFERENCE.fullmatch, project.git("for-each-ref", form).splitlines()):
        if match:
            rev, date, branch, start, rest, experiment = match.groups()
            if branch:
                branches.append(Revision(branch, rev, date))
            else:
                experiments.append(Revision(experiment, rev, date, start + rest))
    others = {str(row.baseline) for row in experiments} - {branch.rev for branch in branches}
    revisions = [*branches, *(Revision(rev[:7], rev) for rev in sorted(others)), *experiments]
    counts = Counter(row.name for row in revisions)
    return [
        row if counts[row.name] == 1 else row._replace(name=f"{row.name}@{row.rev[:7]}")
        for row in revisions
    ]


def table_of(network: str, revisions: Sequence[Revision], results: Results) -> dict[str, Any]:
    """`ExperimentTable` of `types.d.ts`, with the parameters that differ between its rows."""
    listed = [row for row in revisions if network in networks_of(row, results)]
    found = [results[row.rev][network] for row in listed]
    documents = [result.parameters for result in found]
    names = list(dict.fromkeys(name for document in documents for name in document))
    different = [
        name for name in names if any(d.get(name) != documents[0].get(name) for d in documents)
    ]
    bases = {row.rev: row.name for row in revisions if not row.baseline}
    rows = [
        {
            "name": row.name,
            "base": row.baseline and bases[row.baseline],
            "date": row.date,
            "scores": result.scores,
            "parameters": [result.parameters.get(name) for name in different],
            "curves": result.curves,
        }
        for row, result in zip(listed, found, strict=True)
    ]
    return {"network": network, "parameters": different, "rows": rows}


def networks_of(row: Revision, results: Results) -> list[str]:
    """The networks that an experiment changed. For another revision, or if none: all."""
    own = results.get(row.rev, {})
    before = results.get(row.baseline or row.rev, {})
    return [network for network in own if own[network] != before.get(network)] or list(own)


def read_results(project: Checkout, revs: Sequence[str]) -> Results:
    """The results at each commit that DVC can read."""
    found = [
        (rev, state, network, scores, f"{rev}:./{PurePosixPath(path).with_name('history.csv')}")
        for rev, state in show(project, revs).items()
        for path, content in state["metrics"].items()
        for network, scores in (content.get("data") or {}).items()
        if isinstance(scores, dict)
    ]
    histories = read_files(project, [history for *_, history in found])
    results: Results = defaultdict(dict)
    for rev, state, network, scores, history in found:
        shown = {name: scores[name] for name in SCORES if name in scores}
        parameters = parameters_of(state, network)
        results[rev][network] = Result(shown, parameters, curves(histories.get(history, b"")))
    return results


def show(project: Checkout, revs: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What `dvc exp show` knows of each commit of a branch or an experiment."""
    options = [word for rev in revs for word in ("--rev", rev)]
    command = ["dvc", "exp", "show", "--json", "--hide-queued", "--hide-failed", *options]
    baselines = json.loads(project.run(*command).stdout) if revs else []
    experiments = [row["revs"][0] for base in baselines for row in base["experiments"] or []]
    states = {row["rev"]: row["data"] for row in (*baselines, *experiments)}
    return {rev: states[rev] for rev in revs if states.get(rev)}


def parameters_of(state: dict[str, Any], network: str) -> dict[str, Any]:
    """The parameters that the scores of `network` depend on; its own are named without it."""
    document = state["params"].get("params.yaml", {}).get("data") or {}
    own = (document.get("models") or {}).get(network) or {}
    shared = {name: document[name] for name in SECTIONS if name in document}
    [flat] = pd.json_normalize(own | shared).to_dict("records")
    return {str(name): value for name, value in flat.items()}


def read_files(project: Checkout, paths: Sequence[str]) -> dict[str, bytes]:
    """The contents of those `paths`, such as `HEAD:./params.yaml`, that exist, from one process."""
    done = subprocess.run(
        ["git", "cat-file", "--batch"],
        cwd=project.folder,
        env=project.environment,
        input="".join(f"{path}\n" for path in paths).encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    stream, contents = BytesIO(done.stdout), {}
    for path in paths:
        *_, size = stream.readline().split()
        if size != b"missing":
            contents[path] = stream.read(int(size) + 1)[:-1]
    return contents


@cache  # most experiments leave most networks unchanged
def curves(history: bytes) -> dict[str, list[float]]:
    """The columns `CURVES` of the text of a `history.csv`; epochs without values are left out."""
    if not history:
        return {}
    table = pd.read_csv(StringIO(history.decode())).filter(CURVES).dropna().round(DIGITS)
    return {str(name): table[name].tolist() for name in table}
