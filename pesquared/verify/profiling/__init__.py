"""The benchmark's own profile, and the gains that it makes unbelievable."""
