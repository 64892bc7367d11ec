"""Read image files and preprocess them to the shape that a network takes."""
