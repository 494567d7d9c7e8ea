"""Wiring and processes: settings, the plugin, task queues, embedded servers."""
