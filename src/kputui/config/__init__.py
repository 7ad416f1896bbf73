"""People's files become the model. Collects problems; never writes."""
