"""The composition of the service: one small container per context, and the only importers of adapters."""
