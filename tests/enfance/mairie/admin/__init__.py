"""The town hall's tables as agents use them: lists, forms, filters, imports, exports, merges."""
