from tests.contracts.agents_audited import AgentsAuditedContract


class TestAgentsAudited(AgentsAuditedContract):
    pass
