"""Numbers for Prometheus: counted here as things happen, read from the store when somebody asks."""
