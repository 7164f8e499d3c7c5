"""The rung of the sanitizers: a build of its own, the same runs in it, and what they report."""
