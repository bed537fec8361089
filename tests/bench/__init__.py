"""That the measures measure what they say."""
