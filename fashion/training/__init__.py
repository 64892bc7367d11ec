"""The training loop with its data order, augmentation, optimizers, checkpoints and distribution."""
