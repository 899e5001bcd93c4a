"""Takes in mail and call transcripts, read-only, and says what their senders wrote; knows nothing of housing."""
