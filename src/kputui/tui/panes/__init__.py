"""Panes: each gets one frozen view and shows it."""
