"""A trained model in the forms that other runtimes take: ONNX, LiteRT, SavedModel."""
