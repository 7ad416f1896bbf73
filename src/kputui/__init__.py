"""kputui: steer by goals in the terminal, without mistaking the speedometer for the destination."""

__version__ = "0.1.0"
