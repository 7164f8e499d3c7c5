"""What answers cost, and what a run may spend."""
