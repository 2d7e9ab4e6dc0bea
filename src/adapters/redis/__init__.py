"""Rings between processes, over Redis or Valkey."""
