"""The page of figures, /desk/cifras: filters, tables, charts and the CSV file."""
