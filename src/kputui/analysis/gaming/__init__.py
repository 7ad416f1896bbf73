"""Gaming: questions to ask when a measure moves and what it stands for does not. Never an accusation."""
