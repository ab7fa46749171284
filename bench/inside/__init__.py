"""What runs inside a measured process. Copied into each function's folder; imports the standard library alone."""
