"""Search for better settings of a network, with KerasTuner."""
