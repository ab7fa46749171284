"""What anybody is answered without a token: of what is asked for exactly, and nothing beside it."""
