"""Everything in this process's memory: quick, honest, gone at the end."""
