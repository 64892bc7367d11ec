"""A module for each kind of network, and `building`, which finds them by name."""
