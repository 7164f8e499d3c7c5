"""What is tried next, and what becomes the new baseline. Knows only the Protocols of ``core``."""
