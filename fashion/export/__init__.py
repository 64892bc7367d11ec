"""A trained model in the formats that other runtimes take: ONNX, LiteRT, SavedModel."""
