"""What all networks share: layers, saving and loading."""
