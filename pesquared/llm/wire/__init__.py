"""One HTTP exchange, and what its failures mean."""
