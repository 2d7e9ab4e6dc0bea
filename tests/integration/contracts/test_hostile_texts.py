from tests.unit.entrypoints.http.hostile_texts import HostileTextsContract


class TestHostileTexts(HostileTextsContract): ...
