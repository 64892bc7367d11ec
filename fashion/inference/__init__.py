"""Code that evaluation and export share: the inference model, batching, and k-NN distances."""
