"""Series become judgement: pace and goal states."""
