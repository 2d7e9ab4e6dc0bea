"""What must not be read where it lies: values sealed at rest, and the secrets of projects."""
