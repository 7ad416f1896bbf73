"""The method as frozen values: goals, metrics, journey, links, teams. Standard library only."""
