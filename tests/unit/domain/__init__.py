"""The domain, alone: values, moves, decisions."""
