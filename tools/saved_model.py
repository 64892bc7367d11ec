"""Write trained networks as TensorFlow SavedModels, for example for TensorFlow Serving.

In: `models/NETWORK.keras`. Out: the folder `models/NETWORK.savedmodel/`, with the signature
`serving_default`: the inputs and outputs of `fashion.inference.model`. This is not a stage and its
output is not in Git, since its bytes differ each time.
Run: `make saved-model`, or `python -m tools.saved_model mlp` for one network.
"""

import shutil
from pathlib import Path

from fashion import cli
from fashion.config.params import Params
from fashion.config.section import PARAMS_FILE
from fashion.models.determinism import make_deterministic


def main(network: str = "", models: str = "models", params_file: str = PARAMS_FILE) -> None:
    """Write the SavedModel of `network`, or of each of `models` in `params_file`."""
    params = Params.load(params_file)
    make_deterministic(params.train.seed, params.train.threads)
    from fashion.inference.model import make_inference_model, write_saved_model
    from fashion.models.saving import read_model
    from fashion.suppress_stderr import suppress_stderr

    for name in [network] if network else params.models:
        folder = Path(models) / f"{name}.savedmodel"
        partial = folder.with_name(f".unfinished-{folder.name}")
        model = make_inference_model(read_model(Path(models) / f"{name}.keras"))
        with suppress_stderr():
            write_saved_model(partial, model)
        shutil.rmtree(folder, ignore_errors=True)
        partial.replace(folder)
        print(folder)


if __name__ == "__main__":
    cli.run(main, "network")
