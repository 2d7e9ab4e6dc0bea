"""Everything of a store as one file: JSON lines, compressed, with their count and their checksum at the end."""
