"""The operator's command line: entities, stamps and tokens."""
