"""Views become text: numbers, cells, sparklines, charts."""
