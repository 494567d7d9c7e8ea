"""The `termijn` command."""
