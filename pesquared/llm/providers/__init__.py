"""Who can be asked, a module each with ``open_provider``."""
