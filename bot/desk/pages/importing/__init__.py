"""Serves the pages that import a file of questions: the form, and the preview of what each row becomes."""
