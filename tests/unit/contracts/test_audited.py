from tests.contracts.audited import AuditedContract


class TestAudited(AuditedContract):
    pass
