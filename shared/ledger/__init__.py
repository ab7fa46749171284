"""What each registration, amendment and annulment does to the table: one transaction each."""
