"""The command line, one file a command: the only room that prints, reads the environment or a config file."""
