"""Report: the results of all networks, for people. Not a stage of `dvc.yaml`: it takes a second.

In: `metrics.json` and `timing.json` of each network in `params.yaml`. Out: a table on the
screen, the same table in `README.md`, and `reports/README.md` with every picture.
Run: `python -m stages.report` or `make report`.
"""

from pathlib import Path

from fashion import command
from fashion.artifacts import read_json, write_text
from fashion.params import load_params
from fashion.tables import Result, insert, page, result_table
from fashion.timing import belongs


def main(
    reports: str = "reports", readme: str = "README.md", params_file: str = "params.yaml"
) -> None:
    """Write and show the results of every network under `models` of `params.yaml`."""
    params = load_params(params_file)
    results = [read_result(Path(reports), network) for network in params.models]
    write_text(Path(reports) / "README.md", page(results))
    write_text(readme, insert(Path(readme).read_text("utf-8"), result_table(results)))
    print(result_table(results, style="simple"))
    print(f"pictures: {reports}/README.md")


def read_result(reports: Path, network: str) -> Result:
    """What `train`, `evaluate` and `plot` left in the folder `reports` of `network`."""
    folder = reports / network
    timing = read_json(folder / "timing.json")
    return Result(
        network,
        metrics=read_json(folder / "metrics.json"),
        timing=timing if belongs(timing, folder / "history" / "metrics.json") else {},
        pictures=sorted(picture.name for picture in folder.glob("*.png")),
    )


if __name__ == "__main__":
    command.run(main)
