"""Figures. Tables and arrays in, matplotlib figures out."""
