"""Finding, reading, checking and splitting the dataset, without TensorFlow."""
