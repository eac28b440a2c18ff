"""The two ways in which a command may end badly without a traceback."""

__all__ = ["CheckError", "UserError"]


class UserError(Exception):
    """What the user asked for cannot be done; the message says why and what to do."""


class CheckError(Exception):
    """A result is not what it must be."""
