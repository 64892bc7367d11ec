"""Functions that make matplotlib figures from tables and arrays."""
