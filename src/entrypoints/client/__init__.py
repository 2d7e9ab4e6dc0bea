"""A client of the HTTP interface: typed, synchronous, at home in the base installation."""
