"""Signals: what is routine variation, and what asks for an explanation (process behaviour charts)."""
