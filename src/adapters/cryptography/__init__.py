"""Envelope encryption with AES-256-GCM, under keys in a file."""
