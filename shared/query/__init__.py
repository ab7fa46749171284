"""What entities are answered about what is registered (manual, 5.8 to 5.10): one module per consultation."""
