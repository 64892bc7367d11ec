"""How much of the processor a training step of the `cnn` uses, beside Keras' own and PyTorch.

Every contender of `benchmarks.contenders` in a process of its own, in turns. GFLOP/s count two
operations for each multiplication of convolutions and dense layers, and each of these three times:
forward, and backward to weights and inputs (not to the images themselves).
Out: `reports/benchmarks/step.json`. Run: `python -m benchmarks.step`; about 8 minutes. PyTorch
takes part where it is installed (`pip install torch`); the pipeline itself has no use for it.
"""

import math
from importlib.util import find_spec

import keras

from benchmarks.machine import describe
from benchmarks.runs import run, workspace
from benchmarks.summary import spread
from fashion import command
from fashion.artifacts import write_json
from fashion.dataset import CLASS_NAMES, IMAGE_SHAPE
from fashion.networks import build
from fashion.params import load_params

ROUNDS = 5
TRAINING = ("pipeline", "keras", "torch")


def main(report: str = "reports/benchmarks/step.json", rounds: int = ROUNDS) -> None:
    """Measure every contender `rounds` times, in turns."""
    names = [name for name in TRAINING if name != "torch" or find_spec("torch")]
    rates: dict[str, list[float]] = {name: [] for name in ("gemm", *names)}
    with workspace() as folder:
        for _ in range(rounds):
            for name, measured in rates.items():
                measured.append(
                    float(run("benchmarks.contenders", name, folder=folder).lines[-1].text)
                )
                print(f"{name}: {measured[-1]:.1f}", flush=True)
    settings = load_params().model("cnn")
    model = build(settings.network, IMAGE_SHAPE, len(CLASS_NAMES))
    gigaflop = training_flops(model) / 1e9
    peak = spread(rates.pop("gemm"))
    contenders = {
        name: {
            "images_per_second": spread(measured),
            "gflops": spread([rate * gigaflop for rate in measured]),
        }
        for name, measured in rates.items()
    }
    write_json(
        report,
        {
            "machine": describe("torch") if "torch" in names else describe(),
            "gflop_per_image": round(gigaflop, 5),
            "batch_size": settings.fit.batch_size,
            "gemm_gflops": peak,
            **contenders,
        },
    )


def training_flops(model: keras.Model) -> int:
    """Floating-point operations of one training step per image, as the module describes."""
    products = [multiplications(layer) for layer in model.layers]
    first = next(count for count in products if count)
    return 2 * (3 * sum(products) - first)


def multiplications(layer: keras.Layer) -> int:
    """How many multiplications of weights `layer` makes for one image, going forward."""
    if not isinstance(layer, keras.layers.Conv2D | keras.layers.Dense):
        return 0
    *places, _ = layer.output.shape[1:]
    return math.prod([*places, *layer.kernel.shape])


if __name__ == "__main__":
    command.run(main)
