"""How a run is shown: live on the terminal, as a table at the end, as one JSON document."""
