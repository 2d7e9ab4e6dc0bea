"""Who may do what: one table of roles, the same for every door."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Permission(StrEnum):
    """One thing somebody may do. The names are public: scopes of tokens and answers 403 use them."""

    SEE = "see"
    SUBMIT = "submit"
    STEER_OWN = "steer_own"
    STEER = "steer"
    SUBMIT_FOR_OTHERS = "submit_for_others"
    FORCE_FINISH = "force_finish"
    MANAGE_QUEUES = "manage_queues"
    MANAGE_RUNNERS = "manage_runners"
    SHARE_RUNNERS = "share_runners"
    MANAGE_SECRETS = "manage_secrets"
    MANAGE_MEMBERS = "manage_members"
    MANAGE_LIMITS = "manage_limits"
    SEE_AUDIT = "see_audit"
    MANAGE_OWN_TOKENS = "manage_own_tokens"
    MANAGE_ACCOUNTS = "manage_accounts"
    MANAGE_PROJECTS = "manage_projects"
    SEE_METRICS = "see_metrics"
    REACH_HOSTS = "reach_hosts"
    ROTATE_KEYS = "rotate_keys"


class Role(StrEnum):
    """What somebody is in a project. Each may do what the one before it may, and more."""

    VIEWER = "viewer"
    SUBMITTER = "submitter"
    OPERATOR = "operator"
    ADMIN = "admin"


_P = Permission
_VIEWER: Final = frozenset({_P.SEE})
_SUBMITTER: Final = _VIEWER | {_P.SUBMIT, _P.STEER_OWN}
_OPERATOR: Final = _SUBMITTER | {
    _P.STEER,
    _P.SUBMIT_FOR_OTHERS,
    _P.FORCE_FINISH,
    _P.MANAGE_QUEUES,
    _P.MANAGE_RUNNERS,
}

PERMISSIONS: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.VIEWER: _VIEWER,
    Role.SUBMITTER: _SUBMITTER,
    Role.OPERATOR: _OPERATOR,
    Role.ADMIN: _OPERATOR | {_P.SHARE_RUNNERS, _P.MANAGE_SECRETS, _P.MANAGE_MEMBERS, _P.MANAGE_LIMITS, _P.SEE_AUDIT},
}
"""What each role may do in its project. An admin of the instance may do everything everywhere."""

OF_EVERYBODY: Final = frozenset({_P.MANAGE_OWN_TOKENS})
"""What every account may do, whatever its roles."""
