"""`runyard migrate`: the schema of the database brought up to date, and the admin's token made."""

from pathlib import Path

from ..domain.errors import RunyardError
from .complaining import complained
from .logging import configure_logging
from .production import check_database, shared_data_dir
from .settings import ProductionSettings, read_settings
from .wiring.production import ProductionContainer


def main(*, data_dir: Path | None) -> int:
    """Do both, once or any number of times; the exit code."""
    try:
        settings = read_settings(ProductionSettings, {"data_dir": data_dir})
        configure_logging(settings.log_level)
        with shared_data_dir(settings) as directory:
            directory.admin_token()
            store = ProductionContainer(settings=settings).adapters.store()
            try:
                check_database(store, settings)
                store.migrate()
            finally:
                store.close()
        print(f"The database is up to date. The admin token is in {directory.token_file}")  # noqa: T201 - its answer
    except RunyardError as refusal:
        return complained(refusal)
    return 0
