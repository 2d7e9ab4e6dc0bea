"""What Runyard knows, free of how it is stored, reached or shown. Standard library only."""
