"""Shows the public notices on the agency's pages and in the widget, at once and without a reload."""
