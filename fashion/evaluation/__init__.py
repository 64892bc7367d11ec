"""How good predictions are, as numbers. Arrays in, numbers and tables out."""
