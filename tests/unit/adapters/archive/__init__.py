"""Archives as files."""
