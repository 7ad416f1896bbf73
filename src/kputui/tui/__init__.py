"""The board in the terminal (Textual)."""
