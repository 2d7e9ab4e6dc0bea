"""What the machine itself provides: identities and durations."""
