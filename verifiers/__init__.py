"""Ready verifiers, each a file to copy and change; see README.md."""
