"""Reads tables as people see them: the tables of questions of a page, and the values of cells of a workbook."""
