"""The guides, and what keeps the integrators' one equal to the contract."""
