"""Tests: what is registered on dynoxide, files and keys in moto."""
