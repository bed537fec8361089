"""The town hall's work, without its pages: the desk, the year, closures, mailings, figures."""
