"""Forecast: will the goal be met by its due date?

`outlook` holds the results and imports nothing heavy; the modules that compute import numpy.
"""
