"""What people use a trained network with: NumPy, Pillow and onnxruntime, nothing of TensorFlow.

`from fashion_predict import Classifier` imports what it needs then and no earlier: who reads
images alone (`fashion_predict.images.reading`) needs no onnxruntime.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fashion_predict.classifier import Prediction, Classifier
    from fashion_predict.images.errors import ModelError, ImageError

__all__ = ["Prediction", "Classifier", "ModelError", "ImageError"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "errors" if name.endswith("Error") else "classifier"
    return getattr(import_module(f"{__name__}.{module}"), name)
