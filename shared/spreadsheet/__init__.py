"""CSV and XLSX files -> the records in them, and the templates that are filled in; knows no AWS (manual, 5.12)."""
