from tests.integration.conftest import postgres_server, postgres_url, valkey, valkey_server

__all__ = ["postgres_server", "postgres_url", "valkey", "valkey_server"]  # fixtures
