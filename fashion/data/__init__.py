"""Reading, checking and dividing the data set. Arrays only, no TensorFlow."""
