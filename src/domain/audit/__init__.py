"""The audit trail: who did what to what, from where, and what is different since."""
