"""Proofs by many histories: a state machine over real stores, a simulator, and what both of them check."""
