"""An import of ONDE on the screen: questions, answers, preview, summary."""
