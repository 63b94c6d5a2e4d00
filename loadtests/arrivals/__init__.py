"""Load models, one a file: `open_model` and `closed_model`. Each says when an iteration of a scenario shall start."""
