"""The tables, as the newest migration leaves them. Their constraints make a wrong query harmless."""
