"""One module a kind of network, found by its name (`fashion.models.building`)."""
