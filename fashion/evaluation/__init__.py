"""Metrics, reliability, test-time augmentation and out-of-distribution detection."""
