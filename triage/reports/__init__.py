"""Read-only views of the store, for pages and summaries; no HTTP here."""
