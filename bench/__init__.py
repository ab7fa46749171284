"""Measures what a call costs, beside other choices: `make bench`. Nothing here is deployed or timed in a test."""
