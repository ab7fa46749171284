"""What is searched of an entity's act documents: kept compressed, in blocks, and made from its log."""
