"""The search for better settings of a network, by KerasTuner."""
