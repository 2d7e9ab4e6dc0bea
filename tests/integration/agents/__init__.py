"""Real agents in processes of their own, of a real server."""
