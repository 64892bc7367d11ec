"""What evaluation and export share: the model with its outputs, and images a batch at a time."""
