"""The page: what builds it, and draws it for the README."""
