"""The agent: the program that makes a machine a runner. It needs the base installation only."""
