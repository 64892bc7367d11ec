"""What the stages are made of. Importing this package, or any room of it, has no side effect."""
