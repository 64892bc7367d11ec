"""Reading of image files, and preprocessing to the size and form that a network takes."""
