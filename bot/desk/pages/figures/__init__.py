"""Serves the page of figures, /desk/cifras: filters, tables, charts, and CSV and XLSX files."""
