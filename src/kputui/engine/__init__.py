"""Metric definitions and sources become series. The only room that knows polars."""
