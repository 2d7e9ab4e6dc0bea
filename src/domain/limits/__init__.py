"""Limits: how much of the yard a project, or an owner in it, may take."""
