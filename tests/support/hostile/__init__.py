"""Programs that want to get out, to stay, to fill or to find something; what they go for; and who judges them."""
