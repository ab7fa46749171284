"""Tests: rules and units on moto, concurrency and faults on the engine."""
