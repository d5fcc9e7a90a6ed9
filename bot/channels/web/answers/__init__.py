"""Serves the public pages of the answers: ``/tramites``, one page per question, and the sitemap."""
