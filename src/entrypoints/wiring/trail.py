"""The use cases of the audit trail."""

from dependency_injector import containers, providers

from ...application.audit.forget_audit import ForgetAudit
from ...application.audit.list_audit import ListAudit
from ...application.audit.record_refusal import RecordRefusal
from .providers import use_case


class AuditUseCases(containers.DeclarativeContainer):
    """Each use case once."""

    adapters = providers.DependenciesContainer()
    _at = adapters.surroundings

    list_audit = use_case(ListAudit, _at, read=adapters.read)
    forget_audit = use_case(ForgetAudit, _at, begin=adapters.begin, age=adapters.settings.provided.audit_age)
    record_refusal = use_case(RecordRefusal, _at, begin=adapters.begin, rates=adapters.rates)
