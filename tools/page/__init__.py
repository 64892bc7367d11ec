"""The page: what builds it, fetches its runtime and serves it."""
