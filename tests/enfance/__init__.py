"""Rules, the one writer, and each subject of the garderie in a folder named as its own."""
