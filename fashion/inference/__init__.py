"""What needs a trained model and nothing of TensorFlow."""
