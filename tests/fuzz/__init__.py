"""Requests made up from the description of the API itself, by the thousand, as everybody who may come."""
