"""Change: what a known date changed, and whether a date that nobody named did."""
