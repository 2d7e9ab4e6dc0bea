from tests.contracts.gauges import GaugeReadingContract


class TestGauges(GaugeReadingContract):
    pass
