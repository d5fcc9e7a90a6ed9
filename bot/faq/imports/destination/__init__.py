"""Tells an import what is there already: the entries of its destination, and their open drafts."""
