"""The typed, strict form of `params.yaml`: one file a section."""
