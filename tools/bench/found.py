"""What a search found, trained as long as the network is and evaluated on the test images.

In: `reports/tune/best.yaml`, `params.yaml` and `data/processed/`. One run with `train.seed`, of
`params.yaml` with the values found; interrupted, it resumes. Out: `reports/benchmarks/found.json`,
with the network's settings and its scores. Run: `python -m tools.bench.found`, after `make tune`.
"""

from fashion import cli
from fashion.files import write_json
from fashion.params.loading import read
from fashion.params.whole import Params
from tools.apply_best import BEST, merge
from tools.bench.machine import describe
from tools.bench.seeds import WORKSPACES, train_and_evaluate

REPORT = "reports/benchmarks/found.json"


def main(best: str = BEST, report: str = REPORT) -> None:
    """Train and evaluate the network of the file `best` with its values."""
    params = Params.load()
    ((network, values),) = read(best)["models"].items()
    model = params.models[network].model_dump(mode="json")
    changes = [*merge(model, values)]
    scores, _ = train_and_evaluate(network, WORKSPACES / "found", {f"models.{network}": model})
    row = {"network": network, "seed": params.train.seed, **scores}
    found = {"machine": describe(), "changes": changes, "settings": model, "runs": [row]}
    write_json(report, found)
    print(*changes, row, sep="\n")


if __name__ == "__main__":
    cli.run(main)
