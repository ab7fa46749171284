"""What the functions share: contract, validation, authentication, ledger."""
