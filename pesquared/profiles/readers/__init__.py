"""Formats of profiles that hold stacks or calls, a file each."""
