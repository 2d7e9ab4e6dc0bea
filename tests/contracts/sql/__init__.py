"""What every database must do beyond the ports: its schema, its refusals, its failures."""
