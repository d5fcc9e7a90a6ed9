"""The staff's desk: pages, API, sign-in."""
