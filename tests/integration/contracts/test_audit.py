from tests.contracts.audit import AuditContract


class TestAudit(AuditContract):
    pass
