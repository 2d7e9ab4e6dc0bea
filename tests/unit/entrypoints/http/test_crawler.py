from tests.unit.contracts.conftest import store

from .crawling import CrawlContract

__all__ = ["store"]  # a fixture


class TestCrawl(CrawlContract): ...
