"""What people use a trained network with: NumPy, Pillow and onnxruntime, nothing of TensorFlow.

`from fashion.inference import Classifier` imports what it needs then and no earlier: who reads
pictures alone (`fashion.inference.pictures`) needs no onnxruntime.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fashion.inference.classifier import Answer, Classifier
    from fashion.inference.errors import ModelError, PictureError

__all__ = ["Answer", "Classifier", "ModelError", "PictureError"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "errors" if name.endswith("Error") else "classifier"
    return getattr(import_module(f"{__name__}.{module}"), name)
