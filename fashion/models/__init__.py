"""What all networks share: building, layers, saving."""
