"""Who calls in: the HTTP server, the command line, the library, the processes."""
