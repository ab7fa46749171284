"""Hostile input: what the contract expects of any body, Schemathesis on the running service, raw sockets, secrets."""
