"""The typed, strict form of `params.yaml`: schemas of its sections, and their loader."""
