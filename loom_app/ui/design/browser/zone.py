"""What only the browser knows of time: its zone."""

STORED_AS = "loom_zone"

# Said before the first word to the server, so that its first answer has the right times; not in
# the head, where the browser's first use of `Intl` and of storage kept every page from being drawn.
REMEMBER = (
    f"try {{ localStorage.setItem('{STORED_AS}',"
    " Intl.DateTimeFormat().resolvedOptions().timeZone) } catch {}"
)
