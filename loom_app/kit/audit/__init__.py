"""The audit trail: who did what to which thing, append-only, and sealed into a chain of hashes."""

from loom_app.kit.audit.entries import AuditEntry, audit
from loom_app.kit.audit.models import AuditCheckpoint, AuditFlag, AuditSeal

__all__ = ["AuditCheckpoint", "AuditEntry", "AuditFlag", "AuditSeal", "audit"]
