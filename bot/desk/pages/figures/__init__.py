"""Serves /desk/cifras and the pages below it: tables, charts, CSV and XLSX files, the monthly report, the sample."""
