"""A trained model in the formats for other runtimes: ONNX, LiteRT, SavedModel."""
