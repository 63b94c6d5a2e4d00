"""``make load-matrix``: one load on several settings of the stack, side by side."""
