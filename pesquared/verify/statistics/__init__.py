"""The statistics of a verdict: evidence that grows pair by pair, and the interval that goes with it."""
