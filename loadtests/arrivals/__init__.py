"""Load models, one a file. Each says when an iteration of a scenario shall start."""
