"""Evidence: does a CPI lead a KPI? Tested with the declared sign and lag, never by looking around.

`verdict` holds the results and imports nothing heavy; the modules that compute import numpy.
"""
