"""The silences of the portal, on the town hall's page."""
