"""Numeric loops, arrays in and arrays out; `reference.py` holds the slow twin of each."""
