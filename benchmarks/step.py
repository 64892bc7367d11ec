"""Speed of a training step of the `cnn`, compared with its convolutions, the peak, and others.

Every contender of `benchmarks.contenders` runs in a process of its own, in turns, with the kernels
of oneDNN, which TensorFlow does not use by default on processors without AVX-512. `bfloat16` runs
only on processors that have it. An operation is a multiplication or an addition of a convolution or
dense layer. Each counts three times: forward, and backward to weights and to inputs (but not to the
images).
Out: `reports/benchmarks/step.json`. Run: `python -m benchmarks.step`; about 6 minutes. PyTorch is
measured only if it is installed (`pip install torch`); the pipeline does not need it.
"""

import math
from importlib.util import find_spec

import keras

from benchmarks.contenders import NETWORK, make_network
from benchmarks.machine import describe, spread_statistics
from benchmarks.runs import run, workspace
from fashion import cli
from fashion.config.model import Model
from fashion.io.files import write_json
from fashion.models.determinism import supported

ROUNDS = 3
TRAINING = ("avx2", "native", "bfloat16", "convolutions", "keras", "torch")


def main(report: str = "reports/benchmarks/step.json") -> None:
    """Measure every contender `ROUNDS` times, in turns."""
    missing = {
        "torch": not find_spec("torch"),
        "bfloat16": supported("bfloat16") != "bfloat16",
    }
    names = [name for name in TRAINING if not missing.get(name)]
    rates: dict[str, list[float]] = {name: [] for name in ("gemm", *names)}
    with workspace() as folder:
        for _ in range(ROUNDS):
            for name, measured in rates.items():
                done = run("benchmarks.contenders", name, folder=folder)
                measured.append(float(done.printed.splitlines()[-1]))
                print(f"{name}: {measured[-1]:.1f}", flush=True)
    settings = Model.load(NETWORK)
    gigaflop = training_flops(make_network(settings)) / 1e9
    figures = {
        "machine": describe("torch") if "torch" in names else describe(),
        "gflop_per_image": round(gigaflop, 5),
        "batch_size": settings.fit.batch_size,
        "gemm_gflops": spread_statistics(rates.pop("gemm")),
    }
    for name, measured in rates.items():
        gflops = spread_statistics([rate * gigaflop for rate in measured])
        figures[name] = {"images_per_second": spread_statistics(measured), "gflops": gflops}
    write_json(report, figures)


def training_flops(model: keras.Model) -> int:
    """Floating-point operations of one training step per image, counted as described above."""
    products = [multiplications(layer) for layer in model.layers]
    first = next(count for count in products if count)
    return 2 * (3 * sum(products) - first)


def multiplications(layer: keras.Layer) -> int:
    """Multiplications by weights of `layer` in a forward pass of one image."""
    if not isinstance(layer, keras.layers.Conv2D | keras.layers.Dense):
        return 0
    *positions, _ = layer.output.shape[1:]
    return math.prod([*positions, *layer.kernel.shape])


if __name__ == "__main__":
    cli.run(main)
