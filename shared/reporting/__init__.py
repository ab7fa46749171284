"""Reports (manual, 5.11): what is registered, as files for people who control it."""
