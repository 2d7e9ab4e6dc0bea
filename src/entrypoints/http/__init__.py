"""The HTTP door: JSON under `/api/v1`, live output as server-sent events, its own reference under `/schema`."""
