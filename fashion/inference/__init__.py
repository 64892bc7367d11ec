"""What people use a trained network with: NumPy, Pillow and onnxruntime, nothing of TensorFlow."""

from fashion.inference.classifier import Answer, Classifier
from fashion.inference.errors import ModelError, PictureError

__all__ = ["Answer", "Classifier", "ModelError", "PictureError"]
