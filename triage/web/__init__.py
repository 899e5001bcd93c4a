"""The web desk: pages and a small API over the store, where people decide and the machine only suggests."""
