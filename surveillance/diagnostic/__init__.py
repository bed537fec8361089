"""`manage.py diagnostic`: each point examined, what was seen, and the remedy as it is typed here. Changes nothing."""
