"""Serves /desk/cifras and the pages below it: tables, charts and their files, the monthly report, the sample.

Also serves the lists of the conversations that a figure counts, and the numbers before and after each change of a
channel's roll-out.
"""
