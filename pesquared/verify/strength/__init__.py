"""How strong the gates are: small faults put in on purpose, and who notices them."""
