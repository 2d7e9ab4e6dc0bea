from tests.unit.entrypoints.http.crawling import CrawlContract


class TestCrawl(CrawlContract): ...
