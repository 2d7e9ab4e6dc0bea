"""Log out."""

from .login import logout

__all__ = ["logout"]
