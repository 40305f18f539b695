"""Pure decisions of scheduling: no database, no clock, no I/O."""
