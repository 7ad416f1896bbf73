"""The program's own files under state/."""
