"""Bulk load (carga masiva, manual 5.12): files in, one registration per row."""
