"""Rewrites that look faster without being it, the small project they are made for, and a court that judges them."""
