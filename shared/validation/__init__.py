"""Body -> normalised record, or every finding at once. Pure: no I/O, knows no AWS and no connexion."""

from shared.validation.record import Record, read, read_members

__all__ = ["Record", "read", "read_members"]
