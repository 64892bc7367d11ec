"""One module per architecture, and `building`, which finds them by name."""
