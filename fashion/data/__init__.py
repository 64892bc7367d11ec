"""Finding, reading, checking and splitting the data set, without TensorFlow."""
