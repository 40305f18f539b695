"""The double-entry ledger: the truth about money. Entries are only ever added."""
