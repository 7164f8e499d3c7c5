"""What foreign code leaves in a tree, and what a build has put there."""
