"""The proof of the guarantees, in short by tests/test_proof_*.py and in full by `make prove`."""
