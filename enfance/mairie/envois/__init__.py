"""What the town hall sends to many families: their credentials, its messages, news on their home page."""
