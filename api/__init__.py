"""The HTTP API: what may be asked of the service, checked and answered."""
