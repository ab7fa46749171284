"""Tests: what is registered on dynoxide, files and queues in moto."""
