"""What a function is called: one name for all the spellings that tools give it."""
