"""What is found out about the unchanged code before anything is tried."""
