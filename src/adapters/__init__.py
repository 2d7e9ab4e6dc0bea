"""What fits the ports: each folder is a technology, and none knows another."""
