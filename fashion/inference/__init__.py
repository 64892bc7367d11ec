"""Code that evaluation and export share: the inference model and k-NN distances."""
