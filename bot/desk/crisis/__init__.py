"""The desk's part in a crisis: writes, approves and ends public notices; reads the prepared packs."""
