"""What agency.yml says: names, hours, teams, routing, territory."""
