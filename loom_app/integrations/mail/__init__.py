"""Mail out: SMTP when configured, else a mailbox that development shows at /dev/mail."""
