"""Scores of a network, as its `metrics.json` holds them."""

SCORES = {
    "accuracy": 0.9,
    "accuracy_without_tta": 0.88,
    "loss": 0.25,
    "macro_f1": 0.899,
    "top2_accuracy": 0.97,
    "ece": 0.02,
    "parameters": 12345,
}
