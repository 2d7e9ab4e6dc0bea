"""Tests against real databases, real processes and real packages."""
