"""The faults in `reports/faults.json` as a table in the README.

In: what `python -m verification.faults` wrote. Out: the lines between the marks in `README.md`.
Run: `python -m verification.report`, or `make report`.
"""

from pathlib import Path
from typing import Any

from tabulate import tabulate

from fashion import command
from fashion.artifacts import read_json, write_text
from fashion.tables import insert

TOPIC = "faults"


def main(faults: str = "reports/faults.json", readme: str = "README.md") -> None:
    """Write the table of the file `faults` into the file `readme`."""
    rows = table(read_json(faults)["faults"])
    write_text(readme, insert(Path(readme).read_text("utf-8"), rows, TOPIC))


def table(faults: list[dict[str, Any]]) -> str:
    """A row for each fault: how often it struck, where, and what it cost."""
    rows = [
        {
            "fault": fault["fault"],
            "times": fault["times"],
            "where": ", ".join(f"{where} {times}" for where, times in fault["struck"].items()),
            "lost": fault["lost"],
        }
        for fault in faults
    ]
    return tabulate(rows, headers="keys", tablefmt="github")


if __name__ == "__main__":
    command.run(main)
