"""An absence that a parent tells: the form, the writing, who knows of it, the mails."""
