"""A whole Runyard in this process: the library without HTTP between."""
