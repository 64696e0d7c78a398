"""Numeric loops, arrays in and arrays out, each with its slow twin in `reference.py`; and the decoding of pictures."""
