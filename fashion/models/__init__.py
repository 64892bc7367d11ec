"""What all networks share: layers, determinism, saving and loading."""
