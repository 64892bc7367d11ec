"""Builds the page, and takes screenshots of it for the README."""
