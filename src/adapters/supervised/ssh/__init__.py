"""The way to a host that has nothing of ours: an SSH server, an account, an interpreter.

`dialing` connects and believes only pinned host keys; `greeting` gets past the login shell to an interpreter and hands
it a text of `supervised/far`; `way` makes of that a connection to the host's supervisor; `hosts` looks a host over.
"""
