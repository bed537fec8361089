"""The town hall’s pages by task: one function a page, on the portal’s templates."""
