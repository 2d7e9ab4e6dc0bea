"""What use cases ask of the outside: protocols that promise behaviour, failures included."""
