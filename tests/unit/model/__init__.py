"""A pure model of the service around the real domain: database, drivers, hosts, network, and everything that fails.

Rows hold the real `Job` and `Runner` and change only by their own moves. One true clock judges; nobody
in the model reads it but the database. Each rule of the protocol can be switched off (`rules.py`), and
`test_stories.py` shows what breaks then: a check that cannot fail proves nothing.

One tick is one second. Atomic: a transaction, the handling of one message, one step of a driver's task.
Anything can happen between them.
"""
