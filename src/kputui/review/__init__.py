"""Rules: one function, one rule, one code."""
