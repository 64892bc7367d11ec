"""The figures in `reports/benchmarks/` as tables: in the README, and in full beside the files.

In: what the other benchmarks wrote. Out: the lines between the marks in `README.md`, and
`reports/benchmarks/README.md`. Run: `python -m benchmarks.report`, or `make report`.
"""

from pathlib import Path
from typing import Any

from tabulate import tabulate

from benchmarks.seeds import are_current, settings
from benchmarks.training import NETWORK
from fashion import command
from fashion.artifacts import read_json, write_text
from fashion.params import Params, load_params
from fashion.tables import insert

TOPIC = "benchmarks"
NAMES = ("seeds", "training", "search", "baseline", "step", "pipeline", "growth", "memory")
CONTENDERS = {
    "pipeline": "this pipeline",
    "keras": "Keras' own layers and `fit`",
    "torch": "PyTorch, channels last",
}
STAGES = {
    "preprocess": "`preprocess`",
    "mlp": "an epoch of the `mlp`",
    "cnn": "an epoch of the `cnn`",
}
Row = dict[str, str]


def main(folder: str = "reports/benchmarks", readme: str = "README.md") -> None:
    """Write both from the files in `folder`."""
    figures = read_figures(Path(folder), load_params())
    write_text(Path(folder) / "README.md", page(figures))
    text = insert(Path(readme).read_text("utf-8"), table(summary(figures)), TOPIC)
    write_text(readme, text)


def read_figures(folder: Path, params: Params) -> dict[str, Any]:
    """What each benchmark left in `folder`, and which of it is not of `params` and the results."""
    figures = {name: read_json(folder / f"{name}.json") for name in NAMES}
    earlier = {
        network
        for network in params.models
        if not are_current(
            figures["seeds"], params, network, read_json(folder.parent / network / "metrics.json")
        )
    }
    if figures["training"]["settings"] != settings(params, NETWORK):
        earlier.add("training")
    return figures | {"earlier": earlier}


def table(rows: list[Row]) -> str:
    """`rows` as a Markdown table."""
    return tabulate(rows, headers="keys", tablefmt="github", disable_numparse=True)


def summary(figures: dict[str, Any]) -> list[Row]:
    """What the README says: each measurement and its yardstick.

    Accuracies are means with standard deviations, all else are medians.
    """
    seeds, training, found, baseline, step, pipeline, growth, memory = (
        figures[name] for name in NAMES
    )
    peak = step["gemm_gflops"]["median"]
    ours = step["pipeline"]["gflops"]["median"]
    with_earlier = dict.fromkeys(figures["earlier"], " (of other settings, code or machine)")
    least, most = growth["runs"][0], growth["runs"][-1]
    greatest = max(memory["stages"], key=lambda row: row["peak_mb"])
    rows = [
        *(
            (
                f"`{network}`{with_earlier.get(network, '')}, test accuracy, {count(scores)} seeds",
                share(scores["accuracy"]),
                "one more seed or another machine: "
                + " to ".join(f"{end:.1%}" for end in scores["accuracy"]["interval"]),
            )
            for network, scores in seeds["networks"].items()
        ),
        (
            f"`{NETWORK}`{with_earlier.get('training', '')}, training",
            seconds(training["training_seconds"]),
            reached(training),
        ),
        (
            f"`{NETWORK}` as searched, validation images, {found['found']['accuracy']['n']} seeds",
            share(found["found"]["accuracy"]),
            f"by hand, for as many operations, {share(found['by_hand']['accuracy'])}",
        ),
        (
            f"`mlp` stage, {baseline['mlp']['seconds']['n']} seeds",
            f"{seconds(baseline['mlp']['seconds'])}, {share(baseline['mlp']['accuracy'])}",
            (
                f"plain Keras script {seconds(baseline['plain']['seconds'])}, "
                f"{share(baseline['plain']['accuracy'])}: "
                f"{baseline['times_faster']['median']:.1f} times the time"
            ),
        ),
        (
            "`cnn`, training steps",
            f"{ours:.0f} GFLOP/s, {ours / peak:.0%} of the processor's {peak:.0f}",
            ", ".join(
                f"{CONTENDERS[name]} {step[name]['gflops']['median']:.0f}"
                for name in CONTENDERS
                if name in step and name != "pipeline"
            ),
        ),
        ("`dvc repro`, nothing changed", seconds(pipeline["nothing_changed"]), ""),
        ("`dvc repro`, a picture's code changed", seconds(pipeline["figures_changed"]), ""),
        (
            "most memory that a stage takes",
            f"{greatest['peak_mb']} MB, `{greatest['stage']}`",
            f"its budget {greatest['budget_mb']} MB",
        ),
        *(
            (
                f"{STAGES[name]}, {most['times']} times the training images",
                f"{most[name]['peak_mb']:.0f} MB, {most[name]['seconds']:.1f} s",
                f"once {least[name]['peak_mb']:.0f} MB, {least[name]['seconds']:.1f} s",
            )
            for name in most
            if name != "times"
        ),
    ]
    return [dict(zip(("measured", "result", "beside it"), row, strict=True)) for row in rows]


def count(scores: dict[str, Any]) -> int:
    """Of how many seeds the scores are."""
    return scores["accuracy"]["n"]


def reached(training: dict[str, Any]) -> str:
    """When the validation accuracies were reached, for as many seeds as did."""
    return ", ".join(
        f"{name.removeprefix('seconds_to_')} of the validation images after {seconds(spread)} "
        f"({spread['n']} of {count(training)} seeds)"
        for name, spread in training.items()
        if name.startswith("seconds_to_")
    )


def page(figures: dict[str, Any]) -> str:
    """Every figure, by benchmark, with what it was measured on."""
    sections = [
        *(
            section(f"Seeds: `{network}`", figures["seeds"], seed_rows(scores))
            for network, scores in figures["seeds"]["networks"].items()
        ),
        section(f"Training the `{NETWORK}`", figures["training"], seed_rows(figures["training"])),
        section(
            "What the search found",
            figures["search"],
            pair_rows(figures["search"], ("by_hand", "found")),
        ),
        section(
            "`mlp` beside the plain script",
            figures["baseline"],
            pair_rows(figures["baseline"], ("plain", "mlp")),
        ),
        section("Training steps of the `cnn`", figures["step"], step_rows(figures["step"])),
        section("`dvc repro`", figures["pipeline"], repro_rows(figures["pipeline"])),
        section("Memory", figures["memory"], memory_rows(figures["memory"])),
        section("More data", figures["growth"], growth_rows(figures["growth"])),
    ]
    return (
        "# Benchmarks\n\nWritten by `make report` from the files beside it, which `make bench` "
        "measures. What each means stands at the head of its file in `benchmarks/`.\n\n"
        + "\n".join(sections)
    )


def section(title: str, figures: dict[str, Any], rows: list[Row]) -> str:
    """A heading, a table, and the machine."""
    machine = ", ".join(f"{name} {value}" for name, value in figures["machine"].items())
    return f"## {title}\n\n{table(rows)}\n\nOn: {machine}.\n"


def seed_rows(figures: dict[str, Any]) -> list[Row]:
    """A row for each seed, then mean and standard deviation, and the intervals where there are."""
    names = [name for name in figures["runs"][0] if name != "seed"]
    rows = [
        {"seed": str(run["seed"]), **{name: number(run[name]) for name in names}}
        for run in figures["runs"]
    ]
    for kind in ("mean", "sd"):
        of_kind = {name: number(figures.get(name, {}).get(kind)) for name in names}
        rows.append({"seed": kind, **of_kind})
    intervals = {name: figures.get(name, {}).get("interval") for name in names}
    if any(intervals.values()):
        ends = {name: " to ".join(map(number, ends or [])) for name, ends in intervals.items()}
        rows.append({"seed": "interval", **ends})
    return rows


def pair_rows(figures: dict[str, Any], contestants: tuple[str, str]) -> list[Row]:
    """A row for each seed with both contestants' seconds and accuracies, then the spreads."""
    places = [(name, key) for key in ("seconds", "accuracy") for name in contestants]
    rows = [
        {"seed": str(run["seed"]), **{f"{n} {k}": number(run[n][k]) for n, k in places}}
        for run in figures["runs"]
    ]
    spreads = [
        {"seed": kind, **{f"{n} {k}": number(figures[n][k][kind]) for n, k in places}}
        for kind in ("median", "mean", "sd")
    ]
    return rows + spreads


def step_rows(step: dict[str, Any]) -> list[Row]:
    """A row for each contender, the last for the processor's peak."""
    peak = step["gemm_gflops"]["median"]
    rows = [
        {
            "training": label,
            "images/s": f"{step[name]['images_per_second']['median']:.0f}",
            "GFLOP/s": f"{step[name]['gflops']['median']:.1f}",
            "least to greatest": reach(step[name]["gflops"]),
            "of the peak": f"{step[name]['gflops']['median'] / peak:.0%}",
        }
        for name, label in CONTENDERS.items()
        if name in step
    ]
    products = {
        "training": "products of matrices",
        "GFLOP/s": f"{peak:.1f}",
        "least to greatest": reach(step["gemm_gflops"]),
    }
    return [*rows, products]


def repro_rows(pipeline: dict[str, Any]) -> list[Row]:
    """A row for each case."""
    return [
        {"case": name.replace("_", " "), **{key: number(value) for key, value in spread.items()}}
        for name, spread in pipeline.items()
        if name != "machine"
    ]


def memory_rows(memory: dict[str, Any]) -> list[Row]:
    """A row for each stage: the most it held, and its budget."""
    return [
        {
            "stage": row["stage"],
            "peak": f"{row['peak_mb']} MB",
            "budget": f"{row['budget_mb']} MB",
        }
        for row in memory["stages"]
    ]


def growth_rows(growth: dict[str, Any]) -> list[Row]:
    """A row for each amount of data: megabytes and seconds of each stage."""
    return [
        {
            "training images": f"{run['times']} x",
            **{
                f"{name} {unit}": number(run[name][key])
                for name in run
                if name != "times"
                for key, unit in (("peak_mb", "MB"), ("seconds", "s"))
            },
        }
        for run in growth["runs"]
    ]


def share(spread: dict[str, float]) -> str:
    """Mean and standard deviation in percent."""
    return f"{spread['mean']:.2%} ± {100 * spread['sd']:.2f}"


def seconds(spread: dict[str, float]) -> str:
    """The median."""
    digits = 1 if spread["median"] < 100 else 0  # noqa: PLR2004
    return f"{spread['median']:.{digits}f} s"


def reach(spread: dict[str, float]) -> str:
    """Least and greatest."""
    return f"{spread['min']:.1f} to {spread['max']:.1f}"


def number(value: float | None) -> str:
    """As it was written; a dash where there is none."""
    return "-" if value is None else f"{value:g}"


if __name__ == "__main__":
    command.run(main)
